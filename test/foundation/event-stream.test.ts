import { expect, test } from 'vitest';
import { EventStream } from '../../src/foundation/event-stream.ts';

function streamOf(): { readonly stream: EventStream<number>; readonly errors: unknown[] } {
  const errors: unknown[] = [];
  return { stream: new EventStream<number>((error) => errors.push(error)), errors };
}

test('every listener hears every event, in the order of the subscriptions', () => {
  const { stream } = streamOf();
  const heard: string[] = [];
  stream.subscribe((event) => heard.push(`first ${event}`));
  stream.subscribe((event) => heard.push(`second ${event}`));
  stream.publish(1);
  stream.publish(2);
  expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
});

test('a listener that throws is told and stops nobody', () => {
  const { stream, errors } = streamOf();
  const heard: number[] = [];
  const broken = new Error('broken');
  stream.subscribe(() => {
    throw broken;
  });
  stream.subscribe((event) => heard.push(event));
  stream.publish(1);
  expect([heard, errors]).toEqual([[1], [broken]]);
});

test('a listener that was taken off hears nothing more, not even the event that is being told', () => {
  const { stream } = streamOf();
  const heard: number[] = [];
  stream.subscribe(() => later[Symbol.dispose]());
  const later = stream.subscribe((event) => heard.push(event));
  stream.publish(1);
  later[Symbol.dispose]();
  stream.publish(2);
  expect(heard).toEqual([]);
});

test('a listener that joins while an event is told hears the next one', () => {
  const { stream } = streamOf();
  const heard: number[] = [];
  const first = stream.subscribe(() => {
    first[Symbol.dispose]();
    stream.subscribe((event) => heard.push(event));
  });
  stream.publish(1);
  stream.publish(2);
  expect(heard).toEqual([2]);
});

test('one function that is subscribed twice hears twice, and each subscription ends by itself', () => {
  const { stream } = streamOf();
  const heard: number[] = [];
  const listener = (event: number): void => void heard.push(event);
  const one = stream.subscribe(listener);
  stream.subscribe(listener);
  stream.publish(1);
  one[Symbol.dispose]();
  stream.publish(2);
  expect(heard).toEqual([1, 1, 2]);
});
