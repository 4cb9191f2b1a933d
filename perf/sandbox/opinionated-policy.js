import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { SeededStream } from "@armature/engine";
import { openPolicy } from "../../packages/armature/src/policy/open-policy.js";
import { opinionatedNoteLesson } from "../../packages/armature/src/sandbox/policy.js";
import { learningRateFactor } from "../../packages/armature/src/train/learning-rate.js";
import { sftStep } from "../../packages/armature/src/train/sft.js";

const STEPS = 600;
const BATCH = 32;
const LEARNING_RATE = 4e-3;
/**
 * The policy that the reward experiments start from, saved at `folder` unless it is there: the warm-up policy after a
 * supervised look at notes whose qualities are plausible for their recipient. The warm-up policy draws qualities without a
 * thought for the recipient, and learning to look at the recipient takes online RL far longer than choosing among opinions.
 */
export async function opinionatedPolicy(folder) {
  if (existsSync(folder)) return folder;
  const source = { kind: "sandbox", checkpoint: null, threads: 1, url: null };
  const policy = await openPolicy({ model: source, maxTokens: 40, seed: 0 }, (path) => path, dirname(folder));
  try {
    for (let step = 0; step < STEPS; step++) {
      const stream = new SeededStream(0, "opinionated policy", step);
      const { loss } = await sftStep(
        policy.model,
        Array.from({ length: BATCH }, () => opinionatedNoteLesson(stream)),
        {
          learning_rate: LEARNING_RATE * learningRateFactor("cosine", step, STEPS, 20),
          ...{ beta2: 0.98, eps: 1e-8, weight_decay: 0.01, grad_clip_norm: 1 },
        },
      );
      if (step % 50 === 49)
        process.stderr.write(`opinionated policy, step ${step + 1}: loss ${loss.toFixed(3)}\n`);
    }
    await policy.model.saveState(basename(folder)).result;
  } finally {
    await policy.close();
  }
  return folder;
}
//# sourceMappingURL=opinionated-policy.js.map
