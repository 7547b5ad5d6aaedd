// The options of the commands about files within an image: files, cat.
import type { Command, OptionsOf } from './commander.ts';
import { withOptions } from './commander.ts';
import { latest, s3Endpoint } from './image-options.ts';
import { parseRoom } from './parse.ts';

export function filesOptions(command: Command) {
  return command
    .option('--partition <name>', 'files of this partition alone: its number, or GROUP/NAME of a logical volume')
    .option(...latest)
    .option('--contents-limit <size>', 'read this much of the image at most, such as 64M (default: 16M)', parseRoom)
    .option('--spool', 'fetch an image whose store has no ranges to a temporary file first')
    .option(...s3Endpoint);
}

export type FilesOptions = OptionsOf<typeof filesOptions>;

export function catOptions(command: Command) {
  const own = command
    .option('-o, --output <file>', 'write to this file, which gets its name once it is whole; - is standard output')
    .option('--force', 'replace a file that is there');
  return withOptions(own, filesOptions);
}

export type CatOptions = OptionsOf<typeof catOptions>;
