const liveForMs = 60_000;

/**
 * The payload as it goes out: `replay` is 1 when it is sent more than 60 s after the finish, so that a live display
 * can leave it out. Nothing else of it changes after the commit.
 *
 * @param nowMs wall-clock ms
 */
export function asSent(payload: string, nowMs: number): string {
  const record = JSON.parse(payload) as Readonly<Record<string, unknown>>;
  if (typeof record['ts_ms'] !== 'number' || nowMs - record['ts_ms'] <= liveForMs) return payload;
  return JSON.stringify({ ...record, replay: 1 });
}
