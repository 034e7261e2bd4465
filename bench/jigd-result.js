/**
 * What the bench keeps of the record that `jigd flash --json` prints.
 * @param {string} text
 * @throws Error when the run did not pass
 */
export function jigdResult(text) {
  const { outcome, code, ms_total: totalMs, baud, retries, bytes_sent: bytesSent, ...row } = JSON.parse(text);
  if (outcome !== 'PASS') throw new Error(`jigd reports ${outcome} ${code}.`);
  const phases = Object.entries(row).filter(([key, value]) => key.startsWith('ms_') && typeof value === 'number');
  return {
    totalMs,
    phaseMs: Object.fromEntries(phases.map(([key, ms]) => [key.slice(3), ms])),
    baud,
    retries,
    bytesSent,
  };
}
