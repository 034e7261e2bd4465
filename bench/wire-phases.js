/** Names of the commands (protocol reference §3). */
const names = new Map([
  [0x02, 'FLASH_BEGIN'],
  [0x03, 'FLASH_DATA'],
  [0x04, 'FLASH_END'],
  [0x05, 'MEM_BEGIN'],
  [0x06, 'MEM_END'],
  [0x07, 'MEM_DATA'],
  [0x08, 'SYNC'],
  [0x09, 'WRITE_REG'],
  [0x0a, 'READ_REG'],
  [0x0b, 'SPI_SET_PARAMS'],
  [0x0d, 'SPI_ATTACH'],
  [0x0f, 'CHANGE_BAUDRATE'],
  [0x10, 'DEFL_BEGIN'],
  [0x11, 'DEFL_DATA'],
  [0x12, 'DEFL_END'],
  [0x13, 'MD5'],
  [0xd0, 'ERASE_FLASH'],
  [0xd1, 'ERASE_REGION'],
  [0xd2, 'READ_FLASH'],
]);

/** What each command says about where the client is; the others follow the command before them. */
const phases = new Map([
  [0x02, 'begin'],
  [0x10, 'begin'],
  [0x03, 'data'],
  [0x11, 'data'],
  [0x04, 'end'],
  [0x12, 'end'],
  [0x05, 'upload'],
  [0x06, 'upload'],
  [0x07, 'upload'],
  [0x08, 'sync'],
  [0x0f, 'rate'],
  [0x13, 'digest'],
  [0xd0, 'erase'],
  [0xd1, 'erase'],
]);

/** @param {import('./wire-log.js').Transmission} sent */
export function commandName({ from, kind, head }) {
  if (kind === 'text') return from === 'chip' ? 'text' : 'bytes outside frames';
  if (head[0] === 0x4f && head[1] === 0x48) return 'OHAI';
  const op = head[1] ?? 0;
  return names.get(op) ?? `op ${op.toString(16)}`;
}

/**
 * Gives each request its phase, in their order.
 * @returns {(request: import('./wire-log.js').Transmission) => string}
 */
export function phaseTeller() {
  let phase = 'connect';
  let uploaded = false;
  let begun = false;
  return ({ head }) => {
    const op = head[1] ?? 0;
    uploaded ||= op === 0x06;
    const named = phases.get(op);
    if (named === 'begin' || named === 'data') begun = true;
    if ((phase === 'digest' || phase === 'leave') && (named === undefined || named === 'rate') && begun) {
      phase = 'leave';
      return phase;
    }
    // Without an address to erase, FLASH_BEGIN only switches the flash on in the ROM loader.
    if (op === 0x02 && !uploaded) phase = 'identify';
    else if (named === 'sync') phase = uploaded ? 'loader answers' : 'connect';
    else if (named !== undefined) phase = named;
    else if (!uploaded && !begun) phase = 'identify';
    else if (phase === 'upload') phase = 'loader answers';
    return phase;
  };
}
