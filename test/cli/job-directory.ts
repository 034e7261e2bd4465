import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workedImage } from '../firmware/sample-images.ts';

/** A directory of its own with a job file and its image, taken away again at the end of its scope. */
export interface JobDirectory extends Disposable {
  /** The job file. */
  readonly job: string;
  write(name: string, content: string | Uint8Array): void;
  path(name: string): string;
}

export const jobText = `name: sample
release: '1.0'
chip: esp8266
flash: { size: 2MB, mode: dout, frequency: 80m }
images:
  - { file: fw.bin, at: 0 }
  - { builtin: init-data, at: init-data }
boot: off
`;

/** @param text content of the job file */
export function jobDirectory(text = jobText): JobDirectory {
  const directory = mkdtempSync(join(tmpdir(), 'jigd-job-'));
  const path = (name: string): string => join(directory, name);
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(path(name), content);
  write('sample.yaml', text);
  write('fw.bin', workedImage);
  return {
    job: path('sample.yaml'),
    write,
    path,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
