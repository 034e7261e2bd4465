/** The behaviours worth a test of production reference §11, in its order; where one lists several, one each. */
export const behaviourBullets = [
  'press twice in 200 ms',
  'press while running',
  'press held 10 s',
  'press held at power-up',
  'remove at 50 % write',
  'swap modules mid-run',
  'all nests pressed within 1 s',
  'nest UART vanishes',
  'GPIO line busy',
  'module silent',
  'module chattering at a wrong rate',
  'module echoing',
  'wrong chip',
  'flash id ff and 00',
  '1 MB part in a 4 MB job',
  'digest differs in one bit',
  'boot loop',
  'banner one version old',
  'image file replaced on disk during the lot',
  'disk full at commit',
  'database locked',
  'kill -9 at each phase',
  'power cut at each phase (OPEN run found later)',
  'broker down from boot',
  'broker down for a shift',
  'broker flapping every 5 s',
  'broker accepts but never acknowledges',
  'same client id twice',
  'clock at epoch',
  'clock jumping +3 years',
  'clock jumping back an hour',
  'clock leap to synced mid-run',
  '10,000-row outbox drain while running',
  'duplicate delivery to a consumer',
  'lot target reached with three nests running',
  'job change requested while running',
  'duplicate MAC on two nests at once',
  'unidentified failure adopted by the next MAC, and not adopted after a lid event',
  'golden run excluded from every count',
] as const;

export type BehaviourBullet = (typeof behaviourBullets)[number];

/** Bullets without a test, and why. */
export const notCovered: Partial<Readonly<Record<BehaviourBullet, string>>> = {
  'lot target reached with three nests running': 'not in this version: a lot has no target yet.',
};
