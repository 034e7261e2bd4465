import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultKeys } from '../../src/ledger/runs/run-row.ts';
import { jsonSchemaFiles } from '../../src/mqtt/json-schemas.ts';
import { messages } from '../../src/mqtt/messages.ts';
import { topics } from '../../src/mqtt/topics.ts';

const docs = join(import.meta.dirname, '../../docs');
const files = jsonSchemaFiles();

// UPDATE_SCHEMAS=1 npx vitest run test/mqtt/schemas.test.ts
if (process.env['UPDATE_SCHEMAS'] === '1') {
  mkdirSync(join(docs, 'schemas'), { recursive: true });
  for (const [name, text] of files) writeFileSync(join(docs, 'schemas', name), text);
}

test('docs/schemas has exactly the schema of every topic', () => {
  expect(readdirSync(join(docs, 'schemas')).toSorted()).toEqual([...files.keys()].toSorted());
});

test.for([...files])('docs/schemas/%s is what the code says', ([name, text]) => {
  expect(readFileSync(join(docs, 'schemas', name), 'utf8')).toBe(text);
});

test('the schema of a result has the keys of the record in their order, and all are required', () => {
  expect(Object.keys(messages.runResult.shape)).toEqual(resultKeys);
  const schema = JSON.parse(files.get('run-result.json') ?? '{}') as { required: string[]; properties: object };
  expect(schema.required).toEqual(resultKeys);
  expect(Object.keys(schema.properties)).toEqual(resultKeys);
});

test.for(Object.entries(topics))(
  'docs/topics.md describes %s with its retain flag, QoS, schema and keys',
  ([name, topic]) => {
    const text = readFileSync(join(docs, 'topics.md'), 'utf8');
    const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const row = rows.find(([, first]) => first === `\`${topic.path}\``);
    expect(row?.slice(2, 4)).toEqual([topic.retain ? 'yes' : 'no', String(topic.qos)]);
    const keys = Object.keys(messages[name as keyof typeof messages].shape);
    expect(keys.filter((key) => !text.includes(`\`${key}\``) && !text.includes(`\`${patternOf(key)}\``))).toEqual([]);
  },
);

/** Figures are described once for all scopes and without the ends of their intervals. */
function patternOf(key: string): string {
  return key.replace(/^(shift|lot|h24)_/, '<scope>_').replace(/_(low|high)$/, '');
}
