/**
 * Our client in a process of its own: `pipeline-client.ts URL MODE STEPS` trains and prints `begin` and, when it is done, one JSON
 * line with seconds, processor seconds and the final loss.
 */
import { completionDatum, ServiceClient, trainStep } from "@armature/tinker";
import { pipelineTokens } from "./pipeline-tokens.ts";

const [url, mode, count] = process.argv.slice(2) as [string, "sequential" | "pipelined", string];
const LOSS = { name: "cross_entropy" } as const;
const ADAM = { learning_rate: 0.001, eps: 1e-8 };
/** Steps submitted and not yet awaited. */
const AHEAD = 4;
const ROWS = 2;

const batch = (step: number) =>
  Array.from({ length: ROWS }, (_, row) => {
    const tokens = pipelineTokens(step, row);
    return completionDatum(tokens.slice(0, 2), tokens.slice(2), { weights: tokens.slice(2).map(() => 1) });
  });

const client = await ServiceClient.connect({ url });
const model = await client.createModel({ lora: { rank: 8, seed: 1 } });
for (let i = 0; i < 10; i++) await trainStep(model, batch(i), LOSS, ADAM).result;
process.stdout.write("begin\n");
const cpu = process.cpuUsage();
const began = performance.now();
let loss = 0;
const flying: Promise<unknown>[] = [];
for (let i = 0; i < Number(count); i++) {
  if (mode === "sequential") {
    loss = (await model.forwardBackward(batch(i), LOSS).result).metrics["loss:sum"] ?? Number.NaN;
    await model.optimStep(ADAM).result;
    continue;
  }
  const step = trainStep(model, batch(i), LOSS, ADAM);
  flying.push(
    step.result.then(({ forwardBackward }) => {
      loss = forwardBackward.metrics["loss:sum"] ?? Number.NaN;
    }),
  );
  await step.submitted;
  if (flying.length > AHEAD) await flying.shift();
}
await Promise.all(flying);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, loss })}\n`);
client.close();
