import { readFileSync } from "node:fs";
import {
  baseParameters,
  type ParameterSpec,
  ParameterStore,
  readModelConfig,
  ScalarTrainer,
  SeededStream,
  scalarParameters,
} from "@armature/engine";
import { completionDatum } from "@armature/tinker";
import { goldenWeights } from "../../../engine/test/golden/golden-weights.ts";
import { relativeError } from "../../../engine/test/golden/read-golden.ts";
import { pairwiseScoreLoss } from "../../src/train/bradley-terry.ts";
import { type DpoLossSettings, dpoLoss } from "../../src/train/dpo-loss.ts";
import { type GrpoSettings, grpoUpdate } from "../../src/train/grpo.ts";
import { type PriorConstraint, priorBound } from "../../src/train/prior-constraint.ts";
import { GradientModel } from "./gradient-model.ts";

/** One case of `golden/policy-losses.json` against ours. */
export interface LossComparison {
  readonly method: "bradley-terry" | "dpo" | "grpo";
  /** Whose value it is: a method of trl's trainer, or PyTorch's autograd of the formula. */
  readonly by: "trl" | "torch";
  readonly settings: string;
  /** |ours − theirs|, over |theirs| where that is above 1. */
  readonly loss: number;
  /** Largest |ours − theirs| over the largest |theirs|, of the parameter where that is largest. */
  readonly gradient: number;
}

interface GoldenCase {
  readonly by: "trl" | "torch";
  readonly loss: number;
  /** Base64 of little-endian float32, by parameter. */
  readonly gradients: Readonly<Record<string, string>>;
}

interface Golden {
  readonly config: unknown;
  readonly order: Readonly<Record<"language" | "scalar", readonly string[]>>;
  readonly referenceStream: number;
  readonly pairs: readonly Readonly<Record<"prompt" | "chosen" | "rejected", number[]>>[];
  readonly groups: readonly {
    readonly prompt: number[];
    readonly completions: readonly { readonly tokens: number[]; readonly reward: number }[];
  }[];
  readonly sampledLogprobs: readonly number[][];
  readonly longest: number;
  readonly bradleyTerry: readonly (GoldenCase & {
    readonly margins: readonly number[] | null;
    readonly centring: number;
    readonly prior: PriorConstraint | null;
  })[];
  readonly dpo: readonly (GoldenCase & { readonly settings: DpoLossSettings })[];
  readonly grpo: readonly (GoldenCase & {
    readonly settings: Pick<
      GrpoSettings,
      "lossNormalization" | "clipLow" | "clipHigh" | "klBeta" | "klEstimator" | "advantageStd"
    >;
  })[];
}

/** Computes every case through the code that trains: loss, gradients through the engine, group advantages. */
export async function comparePolicyLosses(): Promise<readonly LossComparison[]> {
  const golden = JSON.parse(
    readFileSync(new URL("../golden/policy-losses.json", import.meta.url), "utf8"),
  ) as Golden;
  return [...(await bradleyTerry(golden)), ...(await dpo(golden)), ...(await grpo(golden))];
}

async function bradleyTerry(golden: Golden): Promise<LossComparison[]> {
  const config = readModelConfig(golden.config, "golden");
  const store = filled(scalarParameters(config, undefined), golden.order.scalar, 0);
  const trainer = new ScalarTrainer(config, store);
  const sequences = golden.pairs.flatMap(({ prompt, chosen, rejected }) => [
    [...prompt, ...chosen],
    [...prompt, ...rejected],
  ]);
  const found: LossComparison[] = [];
  for (const one of golden.bradleyTerry) {
    const { margins, centring, prior } = one;
    const terms = golden.pairs.map((_, i) => ({
      margin: margins?.[i] ?? 0,
      bound: prior && priorBound(prior, sequences[2 * i]!, sequences[2 * i + 1]!),
    }));
    store.gradients.fill(0);
    const { loss, gradients } = pairwiseScoreLoss(await trainer.score(sequences), terms, centring);
    await trainer.addGradients(sequences, gradients);
    found.push(compared("bradley-terry", one, { margins, centring, prior }, loss, store));
  }
  await trainer.dispose();
  return found;
}

async function dpo(golden: Golden): Promise<LossComparison[]> {
  const [policy, reference] = languageModels(golden);
  const frozen = await reference.samplerNow().result;
  const responses = golden.pairs.flatMap(({ prompt, chosen, rejected }) =>
    [chosen, rejected].map((tokens) => ({ prompt, tokens })),
  );
  const references = await frozen.logprobsMany(responses.map(({ prompt, tokens }) => [...prompt, ...tokens]))
    .result;
  const terms = responses.map(({ prompt, tokens }, i) => ({
    offset: prompt.length - 1,
    tokens: tokens.length,
    reference: references[i]!.subarray(prompt.length).reduce((sum, logprob) => sum + logprob, 0),
  }));
  const pairs = golden.pairs.map((_, i) => ({ chosen: terms[2 * i]!, rejected: terms[2 * i + 1]! }));
  const data = responses.map(({ prompt, tokens }) => {
    const { modelInput, lossInputs } = completionDatum(prompt, tokens, {});
    return { modelInput, lossInputs: { target_tokens: lossInputs.target_tokens } };
  });
  const found: LossComparison[] = [];
  for (const one of golden.dpo) {
    policy.store.gradients.fill(0);
    policy.loss = 0;
    await policy.forwardBackwardCustom(data, dpoLoss(pairs, one.settings)).result;
    found.push(compared("dpo", one, one.settings, policy.loss, policy.store));
  }
  await Promise.all([policy.dispose(), reference.dispose()]);
  return found;
}

/** Every case twice: with the KL term inside the server's loss, and as the client's own loss for servers without it. */
async function grpo(golden: Golden): Promise<LossComparison[]> {
  let next = 0;
  const groups = golden.groups.map(({ prompt, completions }) =>
    completions.map(({ tokens, reward }) => ({
      ...{ prompt, reward, tokens: Int32Array.from(tokens) },
      logprobs: Float32Array.from(golden.sampledLogprobs[next++]!),
    })),
  );
  const found: LossComparison[] = [];
  for (const referenceKl of [true, false]) {
    const [policy, reference] = languageModels(golden, referenceKl);
    const frozen = await reference.samplerNow().result;
    for (const one of golden.grpo) {
      if (!referenceKl && one.settings.klBeta === 0) continue;
      policy.store.gradients.fill(0);
      policy.loss = 0;
      const settings: GrpoSettings = {
        ...one.settings,
        ...{ constantGroups: "keep", minibatches: 1, innerUpdates: 1, maxTokens: golden.longest },
        adam: { learning_rate: 0 },
      };
      await grpoUpdate({ model: policy, reference: frozen }, groups, settings, new SeededStream(0, "order"));
      const described = { ...one.settings, ...(!referenceKl && { klBy: "client" }) };
      found.push(compared("grpo", one, described, policy.loss, policy.store));
    }
    await Promise.all([policy.dispose(), reference.dispose()]);
  }
  return found;
}

function languageModels(golden: Golden, referenceKl = true): readonly [GradientModel, GradientModel] {
  const config = readModelConfig(golden.config, "golden");
  const model = (first: number) =>
    new GradientModel(config, filled(baseParameters(config), golden.order.language, first), { referenceKl });
  return [model(0), model(golden.referenceStream)];
}

function filled(
  parameters: readonly ParameterSpec[],
  order: readonly string[],
  first: number,
): ParameterStore {
  const store = new ParameterStore(parameters);
  for (const parameter of store.trainable)
    store.set(parameter.name, goldenWeights(parameter, first + order.indexOf(parameter.name)));
  return store;
}

function compared(
  method: LossComparison["method"],
  { by, loss, gradients }: GoldenCase,
  settings: object,
  ourLoss: number,
  store: ParameterStore,
): LossComparison {
  const errors = store.trainable.map(({ name, gradient }) => {
    const bytes = Uint8Array.from(Buffer.from(gradients[name]!, "base64"));
    return relativeError(gradient, new Float32Array(bytes.buffer));
  });
  return {
    ...{ method, by, settings: JSON.stringify(settings) },
    loss: Math.abs(ourLoss - loss) / Math.max(1, Math.abs(loss)),
    gradient: Math.max(...errors),
  };
}
