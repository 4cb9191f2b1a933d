import type { Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import { targetLogprobs } from "../linear-step.ts";
import { textInput } from "../model-input.ts";
import { floats, integers } from "../tensor-data.ts";
import type { Findings } from "./finding.ts";
import { FIRST, type Scenario, withModel } from "./scenario.ts";

/** A token id that no vocabulary has. */
const BEYOND = 2_000_000_000;

/** Group 14: what cannot be done is refused with an error that says so, and does no harm. */
export async function errorSurface({ backend, open, equal }: Scenario, findings: Findings): Promise<void> {
  await withModel(open, async (model) => {
    const before = await targetLogprobs(model, FIRST);
    const refused = async (what: string, work: () => Promise<unknown>) => {
      const error = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const typed = TinkerError.isInstance(error) ? error : undefined;
      const said = typed
        ? `${typed.kind}: ${typed.message.slice(0, 160)}`
        : `no TinkerError: ${String(error)}`;
      findings.that(what, typed?.kind === "user" && !typed.retryable, said);
    };
    const outside: Datum = {
      modelInput: textInput([3, BEYOND]),
      lossInputs: { target_tokens: integers([4, 5]), weights: floats([1, 1]) },
    };
    await refused(
      "a token id beyond the vocabulary",
      () => model.forwardBackward([outside], { name: "cross_entropy" }).result,
    );
    const short: Datum = {
      modelInput: FIRST.modelInput,
      lossInputs: { ...FIRST.lossInputs, weights: floats([1]) },
    };
    await refused(
      "weights of another length than the tokens",
      () => model.forwardBackward([short], { name: "cross_entropy" }).result,
    );
    await refused("a loss without its inputs", () => model.forwardBackward([FIRST], { name: "ppo" }).result);
    const { maxContextLength } = model.capabilities;
    if (maxContextLength < 100_000)
      await refused("a sequence longer than the context", () => oversize(model, maxContextLength));
    else findings.note("the context is too long to exceed it");
    if (backend.client)
      await refused("a checkpoint name that leads elsewhere", () => model.saveState("../outside").result);
    await missingCheckpoint(model, backend.client !== undefined, findings);
    const after = await open();
    findings.that(
      "the backend goes on",
      (await targetLogprobs(after, FIRST)).every(Number.isFinite),
      "a new model answers",
    );
    await after.dispose();
    if (backend.client === undefined) {
      const same = await targetLogprobs(model, FIRST);
      const change = same.reduce((most, p, i) => Math.max(most, Math.abs(p - before[i]!)), 0);
      findings.atMost("refused requests change nothing", change, equal);
    }
  });
  const gone = await open();
  await gone.dispose();
  const error = await gone.forward([FIRST]).result.catch((reason: unknown) => reason);
  const typed = TinkerError.isInstance(error) ? error : undefined;
  findings.that(
    "a model that was given back is not known any more",
    typed !== undefined && ["user", "expired"].includes(typed.kind),
    typed ? `${typed.kind}: ${typed.message.slice(0, 160)}` : `no TinkerError: ${String(error)}`,
  );
}

function oversize(model: Awaited<ReturnType<Scenario["open"]>>, contextLength: number): Promise<unknown> {
  const length = contextLength + 8;
  const tokens = new Int32Array(length).fill(3);
  const datum: Datum = {
    modelInput: textInput(tokens),
    lossInputs: { target_tokens: integers(tokens), weights: floats(new Float32Array(length).fill(1)) },
  };
  return model.forwardBackward([datum], { name: "cross_entropy" }).result;
}

/** An engine in process has an error class of its own for checkpoints. */
async function missingCheckpoint(
  model: Awaited<ReturnType<Scenario["open"]>>,
  wire: boolean,
  findings: Findings,
): Promise<void> {
  const path = wire ? "tinker://nobody:train:0/weights/nothing" : "no-such-folder/nothing";
  const error = await model.loadState(path).result.catch((reason: unknown) => reason);
  const typed =
    TinkerError.isInstance(error) || (!wire && (error as Error | undefined)?.name === "CheckpointError");
  findings.that("a checkpoint that is not there", typed, String(error).slice(0, 160));
}
