/** A run that appends and commits as fast as it can until it is killed or has made `total` steps. */
import { RunDirectory } from "../../src/run/run-directory.ts";

const [path, total] = [process.argv[2]!, Number(process.argv[3])];
const run = RunDirectory.start<number>(path, { recipe: { seed: 1 } });
process.stdout.write("started\n");
for (let step = run.state?.position ?? 0; step < total; step++) {
  run.appendMetrics({ step, loss: step / 7 });
  run.appendRollouts(`part-${step % 2}`, [{ step, text: "word ".repeat(2000 + step) }]);
  // Several steps a commit, so that a kill usually leaves steps that must be done again.
  if (step % 3 === 2 || step === total - 1) {
    run.commitState({ position: step + 1, randomStates: {}, checkpoints: {} });
  }
}
run.close();
