import { z } from 'zod';
import { messages } from './messages.ts';
import { topics } from './topics.ts';
import type { TopicName } from './topics.ts';

/** The JSON Schema files of all payloads: the file name below `docs/schemas` and its text. */
export function jsonSchemaFiles(): ReadonlyMap<string, string> {
  const names = Object.keys(topics) as TopicName[];
  return new Map(
    names.map((name) => {
      const { path } = topics[name];
      const schema = { title: path, ...z.toJSONSchema(messages[name]) };
      return [`${path.replaceAll('/', '-').replaceAll(/[<>]/g, '')}.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
}
