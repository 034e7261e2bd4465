import type { ParetoBar, Proportion, YieldFigures } from '../../src/ledger/yield/yield-figures.ts';
import type { PlainFigures } from './yield-from-records.ts';

interface Answers {
  yieldOf(scope: object): YieldFigures;
  pareto(by: 'units' | 'runs', scope: object): ParetoBar[];
}

/** The station's own figures of a scope in the form in which they are compared. */
export function plainFigures(ledger: Answers, scope: object = {}): PlainFigures {
  const figures = ledger.yieldOf(scope);
  return {
    ...plainYield(figures),
    paretoByUnits: bars(ledger.pareto('units', scope)),
    paretoByRuns: bars(ledger.pareto('runs', scope)),
  };
}

/** The same without the Paretos. */
export function plainYield(figures: YieldFigures): PlainFigures {
  const [passedBy1, passedBy2, passedBy3] = figures.passedBy.map(plain);
  return {
    units: figures.units,
    fpy: plain(figures.fpy),
    ...{ passedBy1: passedBy1 ?? '', passedBy2: passedBy2 ?? '', passedBy3: passedBy3 ?? '' },
    finalYield: plain(figures.finalYield),
    good: figures.good,
    retest: plain(figures.retest),
    ntf: plain(figures.ntf),
    dutOnlyFpy: plain(figures.dutOnlyFpy),
    inferred: plain(figures.inferred),
    unidentified: figures.unidentified,
    runYield: plain(figures.runYield),
    marginal: plain(figures.marginal),
    errors: figures.errors,
    aborted: figures.aborted,
    ...Object.fromEntries(Object.entries(figures.phaseFpy).map(([phase, share]) => [`phase_${phase}`, plain(share)])),
  };
}

function plain({ part, whole }: Proportion): string {
  return `${part}/${whole}`;
}

function bars(pareto: readonly ParetoBar[]): string {
  return pareto.map(({ code, count }) => `${code}=${count}`).join(' ');
}
