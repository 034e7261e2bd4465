/** One topic below the base topic: how it is published and what is in it. */
export interface Topic {
  /** Levels below the base topic; `<n>` is the number of a nest, `<kind>` the kind of an event,
   * `<slug>` the name of an alarm. */
  readonly path: string;
  /** State is retained, events are not: a retained event would be counted again by each new subscriber. */
  readonly retain: boolean;
  readonly qos: 0 | 1;
}

/** Every topic that the station publishes (design §8). `docs/topics.md` describes them for people. */
export const topics = {
  status: { path: 'status', retain: true, qos: 1 },
  info: { path: 'info', retain: true, qos: 1 },
  job: { path: 'job', retain: true, qos: 1 },
  counters: { path: 'counters', retain: true, qos: 1 },
  yield: { path: 'yield', retain: true, qos: 1 },
  // QoS 0: the next state, or the birth after a reconnect, replaces what was lost.
  nestState: { path: 'nest/<n>/state', retain: true, qos: 0 },
  nestLast: { path: 'nest/<n>/last', retain: true, qos: 1 },
  runStarted: { path: 'run/started', retain: false, qos: 1 },
  runResult: { path: 'run/result', retain: false, qos: 1 },
  // An empty payload takes it back.
  alarm: { path: 'alarm/<slug>', retain: true, qos: 1 },
  event: { path: 'event/<kind>', retain: false, qos: 1 },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof topics;

/** The path of a topic with its `<…>` level filled in. */
export function topicPath(name: TopicName, level: string | number = ''): string {
  return topics[name].path.replace(/<\w+>/, String(level));
}
