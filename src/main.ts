#!/usr/bin/env node
import { runCommandLine } from './cli/command-line.ts';

// A reader that goes away, such as head or a closed terminal, must not end the program in the middle of a module.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await runCommandLine(process.argv);
