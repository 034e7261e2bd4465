import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end of a run which tests were skipped. Their names, or those of their suites, carry the reason. */
export default class SkipReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const suite = test.parent.type === 'suite' ? test.parent.fullName : test.name;
        const why = test.result().state === 'skipped' ? noteOf(test.result()) : '';
        const key = `${module.relativeModuleId}: ${suite}${why}`;
        skipped.set(key, (skipped.get(key) ?? 0) + 1);
      }
    }
    if (skipped.size === 0) {
      console.log('Nothing was skipped.');
      return;
    }
    console.log('Skipped:');
    for (const [what, count] of skipped) console.log(`  ${count} of ${what}`);
  }
}

function noteOf(result: object): string {
  return 'note' in result && typeof result.note === 'string' ? ` (${result.note})` : '';
}
