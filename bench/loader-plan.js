import { firmwares } from './firmware-like.js';

/** @typedef {keyof typeof firmwares} Firmware */
/** @typedef {import('./module.js').ModuleContent} ModuleContent */

/**
 * What is measured together: the clients take turns at the same work.
 * @typedef {{ firmware: Firmware, baud: number, content: ModuleContent, clients: string[] }} Cell
 */

const allBauds = [115_200, 460_800, 921_600, 2_000_000];
/** The rate at which modules and clients are compared beyond the table of rates. */
const usualBaud = 921_600;
const clientNames = ['jigd', 'jigd-none', 'esptool-js', 'esptool'];
const contents = /** @type {const} */ (['used', 'blank', 'same']);

/** The options of `npm run bench -- loader`, as `parseArgs` takes them. */
export const loaderOptions = /** @type {const} */ ({
  baud: { type: 'string', multiple: true },
  image: { type: 'string', multiple: true },
  client: { type: 'string', multiple: true },
  module: { type: 'string', multiple: true },
  repeats: { type: 'string', default: '1' },
  trace: { type: 'boolean', default: false },
});

export const loaderUsage = `  --baud RATE      of the loader bench, may be given several times like the next three; default ${allBauds.join(', ')}
  --image NAME     ${Object.keys(firmwares).join(' or ')}; default both
  --client NAME    ${clientNames.join(', ')}
  --module STATE   flash before the run: ${contents.join(', ')}
  --repeats N      runs of each client; default 1
  --trace          where the line is silent, for each run`;

/**
 * Without --client and --module: every image at every rate on a used flash by all clients, and at 921600 what a blank
 * flash, a module that has the image already and a module without lines make of it.
 * @param {{ baud?: string[], image?: string[], client?: string[], module?: string[], repeats: string, trace: boolean }} values
 * @returns {{ cells: Cell[], repeats: number, trace: boolean }}
 * @throws Error for a value that is none of its option
 */
export function planLoader(values) {
  const bauds = (values.baud ?? allBauds.map(String)).map(rateOf);
  const images = oneOf('--image', values.image, /** @type {Firmware[]} */ (Object.keys(firmwares)));
  const states = oneOf('--module', values.module, contents);
  const names = oneOf('--client', values.client, clientNames);
  const repeats = Number(values.repeats);
  if (!Number.isInteger(repeats) || repeats < 1) throw new Error('--repeats needs a whole number from 1.');
  const wanted = (/** @type {number} */ baud, /** @type {ModuleContent} */ content, /** @type {string} */ client) => {
    // The others write what is there already.
    if (content === 'same' && !client.startsWith('jigd')) return false;
    if (values.module === undefined && content !== 'used' && baud !== usualBaud) return false;
    if (values.client !== undefined || client !== 'jigd-none') return true;
    return baud === usualBaud && (content === 'used' || values.module !== undefined);
  };
  const cells = images.flatMap((firmware) =>
    bauds.flatMap((baud) =>
      states.map((content) => ({
        firmware,
        baud,
        content,
        clients: names.filter((client) => wanted(baud, content, client)),
      })),
    ),
  );
  return { cells: cells.filter(({ clients }) => clients.length > 0), repeats, trace: values.trace };
}

/** @param {string} text */
function rateOf(text) {
  const baud = Number(text);
  if (!Number.isInteger(baud) || baud < 9600) throw new Error(`--baud needs a rate, not ${text}.`);
  return baud;
}

/**
 * @template {string} Name
 * @param {string} option
 * @param {readonly string[] | undefined} given
 * @param {readonly Name[]} known
 * @returns {Name[]}
 */
function oneOf(option, given, known) {
  const wrong = given?.find((name) => !known.some((each) => each === name));
  if (wrong !== undefined) throw new Error(`${option} is one of ${known.join(', ')}, not ${wrong}.`);
  return known.filter((name) => given?.includes(name) ?? true);
}
