import { readdirSync, readlinkSync, realpathSync } from 'node:fs';

const pollMs = 1;

/**
 * Looks again and again whether a process has a port open.
 * @param {number} pid
 * @param {string} port may be a link
 * @param {(atMs: number) => void} onOpen ms of `performance.now()`, late by up to the time of one look
 * @returns {() => void} stops looking
 */
export function watchPort(pid, port, onOpen) {
  const device = realpathSync(port);
  const timer = setInterval(() => {
    if (!holds(pid, device)) return;
    clearInterval(timer);
    onOpen(performance.now());
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** @param {number} pid @param {string} device */
function holds(pid, device) {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => readlinkSync(`${folder}/${name}`) === device);
  } catch {
    // The process has gone, or has closed a file between both calls.
    return false;
  }
}
