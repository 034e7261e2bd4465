import { expect, test } from 'vitest';
import { disposeAll, doAll } from '../../src/foundation/do-all.ts';

test('steps are carried out in their turn, each waited for, also after one that failed; the first failure is told', async () => {
  const done: string[] = [];
  const late = async (name: string): Promise<void> => {
    await Promise.resolve();
    done.push(name);
  };
  const steps = [
    () => late('first'),
    () => Promise.reject(new Error('second failed')),
    () => {
      throw new Error('third failed');
    },
    () => late('fourth'),
  ];
  await expect(doAll(steps)).rejects.toThrow('second failed');
  expect(done).toEqual(['first', 'fourth']);
});

test('parts are all disposed of; what is not there is no failure', () => {
  const done: string[] = [];
  const part = (name: string): Disposable => ({ [Symbol.dispose]: () => void done.push(name) });
  const broken = {
    [Symbol.dispose]() {
      throw new Error('broken');
    },
  };
  expect(() => disposeAll([part('first'), null, broken, part('second')])).toThrow('broken');
  expect(done).toEqual(['first', 'second']);
});
