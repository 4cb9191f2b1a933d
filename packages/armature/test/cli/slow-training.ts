/** The command line with a training method that takes a step every 20 ms, for tests that press Ctrl-C. */
import { runCommandLine } from "../../src/cli/program.ts";
import { NO_OPERATIONS } from "./no-operations.ts";

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, environment: process.env, cwd: process.cwd() },
  {
    ...NO_OPERATIONS,
    train: {
      ...NO_OPERATIONS.train,
      arm: async () => async (job) => {
        for (let step = (job.run.state?.position as number | undefined) ?? 0; ; step++) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          job.run.appendMetrics({ step });
          job.run.commitState({ position: step + 1, checkpoints: {} });
          job.progress.update({ phase: "steps", done: step + 1, total: 1000 });
          if (job.interruption.stopRequested) return { status: "interrupted" };
        }
      },
    },
  },
);
