import { awaitResult } from "../client/await-result.ts";
import { type HttpCall, replyText } from "../client/http-call.ts";
import { HttpTrainingModel } from "../client/http-training-model.ts";
import { mergeResults } from "../client/merge-results.ts";
import type { ResultReader } from "../client/read-poll.ts";
import { RESULTS } from "../client/result-readers.ts";
import type { ServiceClient } from "../client/service-client.ts";
import { linearAdam, targetLogprobs } from "../linear-step.ts";
import { trainStep } from "../train-step.ts";
import type { TrainingModel } from "../training-model.ts";
import { readJson, Submitted } from "../wire/index.ts";
import { type Findings, gap } from "./finding.ts";
import { FIRST, type Scenario, SECOND, withModel } from "./scenario.ts";

const PAIRS = 20;

/** Group 7: twenty pipelined steps with pauses between their submissions end where twenty awaited steps end. */
export async function ordering({ open, scale, equal }: Scenario, findings: Findings): Promise<void> {
  const adam = linearAdam(scale / 4, { beta1: 0.9 });
  const data = (i: number) => [i % 3 === 0 ? FIRST : SECOND];
  const awaited = await withModel(open, async (model) => {
    for (let i = 0; i < PAIRS; i++) await trainStep(model, data(i), { name: "cross_entropy" }, adam).result;
    return targetLogprobs(model, FIRST);
  });
  const pipelined = await withModel(open, async (model) => {
    const steps = [];
    for (let i = 0; i < PAIRS; i++) {
      steps.push(trainStep(model, data(i), { name: "cross_entropy" }, adam).result);
      // Uneven, and the same in every run.
      if (i % 4 !== 0) await new Promise((resolve) => setTimeout(resolve, (i * 7) % 11));
    }
    const last = targetLogprobs(model, FIRST);
    await Promise.all(steps);
    return last;
  });
  findings.atMost(`${PAIRS} pipelined steps end as awaited ones do`, gap(pipelined, awaited), equal);
}

/** Group 8: a request that is sent twice under one number is done once. */
export async function idempotency(
  { backend, open, scale, equal }: Scenario,
  findings: Findings,
): Promise<void> {
  const adam = linearAdam(scale);
  const once = await withModel(open, async (model) => {
    await trainStep(model, [FIRST], { name: "cross_entropy" }, adam).result;
    return targetLogprobs(model, FIRST);
  });
  const { client } = backend;
  if (!client) {
    // Without a wire nothing is sent twice; what remains is that a call is done once each time it is made.
    const twice = await withModel(open, async (model) => {
      for (let i = 0; i < 2; i++) await trainStep(model, [FIRST], { name: "cross_entropy" }, adam).result;
      return targetLogprobs(model, FIRST);
    });
    findings.note("no wire: nothing is sent twice");
    findings.that("a step made twice counts twice", gap(twice, once) > 10 * equal, `gap ${gap(twice, once)}`);
    return;
  }
  await withModel(open, async (model) => {
    if (!(model instanceof HttpTrainingModel)) throw new Error("a model of a server is an HttpTrainingModel");
    const { ids, logprobs } = await everythingTwice(client, model.modelId, adam);
    findings.that(
      "the second answer names the first request",
      ids.every(([a, b]) => a === b),
      ids.join("; "),
    );
    findings.atMost("requests sent twice count once", gap(logprobs, once), equal);
  });
}

/** One step and a forward, each sent twice under its number, past the client's own counting. */
async function everythingTwice(client: ServiceClient, model_id: string, adam_params: object) {
  const { transport, wire } = client.connection;
  const send = async (call: HttpCall) =>
    readJson(Submitted, replyText(await transport.call(call)), call.path, "protocol");
  const gradient = (seq_id: number, forward_only: boolean) => () =>
    wire.send({ model_id, seq_id, data: [FIRST], loss_fn: "cross_entropy", forward_only }, send);
  const update = () =>
    send({ path: "optim_step", body: { model_id, seq_id: 2, adam_params, type: "optim_step" } });
  const ids: (readonly [string, string])[] = [];
  const twice = async <T>(submit: () => Promise<Submitted>, reader: ResultReader<T>): Promise<T> => {
    const [first, second] = [await submit(), await submit()];
    ids.push([first.request_id, second.request_id]);
    const since = Date.now();
    await awaitResult(transport, first, reader, { since });
    return awaitResult(transport, second, reader, { since });
  };
  await twice(gradient(1, false), RESULTS.forwardBackward);
  await twice(update, RESULTS.optimStep);
  const output = await twice(gradient(3, true), RESULTS.forward);
  return { ids, logprobs: [...mergeResults([{ output, datums: 1 }]).logprobs[0]!] };
}

/** Group 9: a saved state goes on exactly; without the optimizer's state the moments begin anew. */
export async function saveAndLoad(scenario: Scenario, findings: Findings): Promise<void> {
  const { open, scale, equal } = scenario;
  const adam = linearAdam(scale, { beta1: 0.9, beta2: 0.9 });
  const step = (model: TrainingModel, data = [FIRST]) =>
    trainStep(model, data, { name: "cross_entropy" }, adam).result;
  const { path, saved, next } = await withModel(open, async (model) => {
    await step(model);
    await step(model);
    const state = await model.saveState("conformance").result;
    const before = await targetLogprobs(model, FIRST);
    await step(model, [SECOND]);
    return { path: state.path, saved: before, next: await targetLogprobs(model, FIRST) };
  });
  const continued = (optimizer: boolean) =>
    withModel(open, async (model) => {
      await model.loadState(path, { optimizer }).result;
      const loaded = await targetLogprobs(model, FIRST);
      await step(model, [SECOND]);
      return { loaded, after: await targetLogprobs(model, FIRST) };
    });
  const whole = await continued(true);
  findings.atMost("loaded weights are the saved ones", gap(whole.loaded, saved), equal);
  findings.atMost("with the optimizer's state the next step is the same", gap(whole.after, next), equal);
  const weights = await continued(false);
  findings.atMost("weights alone are the saved ones", gap(weights.loaded, saved), equal);
  const difference = gap(weights.after, next);
  findings.that(
    "without the optimizer's state the next step differs",
    difference > 10 * equal,
    `gap ${difference}`,
  );
}

/** Group 12: a sampler keeps the weights that it was made of. */
export async function staleSampler({ open, scale, equal }: Scenario, findings: Findings): Promise<void> {
  await withModel(open, async (model) => {
    const tokens = [3, 5, 7, 4, 6];
    const scored = async (sampler: { logprobs(t: readonly number[]): { result: Promise<Float32Array> } }) =>
      [...(await sampler.logprobs(tokens).result)].slice(1);
    const early = await model.samplerNow().result;
    const before = await scored(early);
    for (let i = 0; i < 3; i++)
      await trainStep(model, [FIRST], { name: "cross_entropy" }, linearAdam(scale)).result;
    findings.atMost(
      "a sampler made before an update keeps its weights",
      gap(await scored(early), before),
      equal,
    );
    const late = await model.samplerNow().result;
    const after = gap(await scored(late), before);
    findings.that("one made after the update has the new ones", after > 10 * equal, `gap ${after}`);
    await early.dispose();
    await late.dispose();
  });
}

/** Group 13: two models trained in turns do not touch each other. */
export async function twoModels({ open, scale, equal }: Scenario, findings: Findings): Promise<void> {
  const train = (model: TrainingModel, i: number, which: number) =>
    trainStep(
      model,
      [which === 0 ? FIRST : SECOND],
      { name: "cross_entropy" },
      linearAdam(scale * (1 + i), { beta1: 0.9 }),
    );
  const alone = (which: number) =>
    withModel(open, async (model) => {
      for (let i = 0; i < 4; i++) await train(model, i, which).result;
      return targetLogprobs(model, FIRST);
    });
  const expected = [await alone(0), await alone(1)] as const;
  const [one, other] = [await open(), await open()];
  try {
    const steps = [];
    for (let i = 0; i < 4; i++) steps.push(train(one, i, 0).result, train(other, i, 1).result);
    await Promise.all(steps);
    findings.atMost(
      "the first ends as it does alone",
      gap(await targetLogprobs(one, FIRST), expected[0]),
      equal,
    );
    findings.atMost("the second too", gap(await targetLogprobs(other, FIRST), expected[1]), equal);
  } finally {
    await one.dispose();
    await other.dispose();
  }
}
