// A station that presses once and is killed in the given phase: node killed-station.ts FOLDER PHASE
import { StationBench } from '../support/station-bench.ts';

const [, , folder = '', phase = ''] = process.argv;
// Here, not by whoever starts it: the compiler keeps its work in the folder for temporary files, too.
process.env['TMPDIR'] = folder;
const bench = await StationBench.open({ folder });
bench.insert({ speed: 'real' });
void bench.next('nestState', ({ state }) => {
  if (state.phase === phase) process.kill(process.pid, 'SIGKILL');
  return false;
});
await bench.run();
