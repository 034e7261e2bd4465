import { Command } from 'commander';
import { esp8266 } from '../chips/esp8266.ts';
import { describeFile } from '../firmware/file-info.ts';
import { diskFiles } from '../firmware/job-files.ts';
import { fileProblem } from '../foundation/file-problem.ts';
import { fileRecord, fileText } from './job/image-text.ts';

/**
 * `jigd image info FILE`. Sets exit code 1 when an image in the file is damaged or for another chip; rejects with an
 * Error of one plain sentence when the file cannot be read.
 * @param print takes what goes to standard output
 */
export function imageCommand(print: (text: string) => void = (text) => void process.stdout.write(text)): Command {
  const image = new Command('image').description('look at a firmware file without a module');
  image
    .command('info')
    .description('show header, segments, checksums and digests of a firmware file, and what is odd about it')
    .argument('<file>', 'the firmware file')
    .option('--json', 'print one JSON object')
    .action((file: string, options: { readonly json?: boolean }) => {
      const info = describeFile(bytesOf(file), esp8266);
      print(
        options.json === true ? `${JSON.stringify(fileRecord(file, info, esp8266))}\n` : fileText(file, info, esp8266),
      );
      if (info.sound === false) process.exitCode = 1;
    });
  return image;
}

function bytesOf(file: string): Uint8Array {
  try {
    return diskFiles.read(file).bytes;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${fileProblem(error)}.`, { cause: error });
  }
}
