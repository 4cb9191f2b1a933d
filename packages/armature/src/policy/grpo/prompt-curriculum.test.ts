import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import type { Prompt } from "../../data/prompt.ts";
import {
  betaSample,
  type CurriculumSettings,
  expectedSpread,
  PromptCurriculum,
} from "./prompt-curriculum.ts";

const PROMPTS = ["easy", "even", "hard", "new"].map(
  (id): Prompt => ({ id, messages: [{ role: "user", content: id }] }),
);
const settings: CurriculumSettings = { successAt: 1, pool: 2, choice: "expected", decay: 1 };

function taught(changes: Partial<CurriculumSettings> = {}): PromptCurriculum {
  const curriculum = new PromptCurriculum({ ...settings, ...changes });
  curriculum.learn("easy", [1, 1, 1, 2, 3, 1]);
  curriculum.learn("even", [1, 0, 1, 0, null, 1, 0]);
  curriculum.learn("hard", [0, 0, 0.9, 0, -1, 0]);
  return curriculum;
}

const ids = (prompts: readonly Prompt[]) => prompts.map(({ id }) => id);
const stream = () => new SeededStream(1, "curriculum");

describe("PromptCurriculum", () => {
  it("prefers prompts solved half of the time, then those it knows nothing of, in the order given", () => {
    expect(ids(taught().choose(PROMPTS, 1, stream()))).toEqual(["even"]);
    expect(ids(taught().choose(PROMPTS, 2, stream()))).toEqual(["even", "new"]);
    expect(ids(new PromptCurriculum(settings).choose(PROMPTS, 2, stream()))).toEqual(["easy", "even"]);
  });

  it("draws by Thompson's rule: the promising mostly, the others sometimes", () => {
    const curriculum = taught({ choice: "thompson" });
    const draws = stream();
    const chosen = Array.from({ length: 400 }, () => curriculum.choose(PROMPTS, 1, draws)[0]!.id);
    const share = (id: string) => chosen.filter((each) => each === id).length / chosen.length;
    expect(share("even")).toBeGreaterThan(share("easy") + 0.2);
    expect(share("hard")).toBeGreaterThan(0);
    expect(share("new")).toBeGreaterThan(share("hard"));
  });

  it("forgets by the decay, and goes on from its outcomes", () => {
    const curriculum = taught({ decay: 0.5 });
    curriculum.learn("even", [0, 0]);
    expect(curriculum.outcomes()).toMatchObject({ even: [1.5, 3.5], easy: [6, 0] });
    const again = new PromptCurriculum({ ...settings, decay: 0.5 }, curriculum.outcomes());
    expect(again.outcomes()).toEqual(curriculum.outcomes());
    again.learn("even", [null]);
    expect(again.outcomes()["even"]).toEqual([0.75, 1.75]);
  });
});

describe("the posterior", () => {
  it("has the spread of a Beta distribution, by its moments: Beta(2, 3) has E[p] = 0.4 and E[p²] = 0.2", () => {
    expect(expectedSpread(2, 3)).toBeCloseTo(0.2, 12);
    expect(expectedSpread(1, 1)).toBeCloseTo(1 / 6, 12);
  });

  // scipy.stats.beta(a, b).cdf(x), exact to six digits
  it.each([
    [3, 5, [0.2, 0.4, 0.6], [0.148032, 0.580096, 0.903744]],
    [1, 1.5, [0.2, 0.4, 0.6], [0.284458, 0.535242, 0.747018]],
    [40, 12, [0.7, 0.77, 0.85], [0.120983, 0.481583, 0.928622]],
  ])("is drawn from by Beta(%s, %s)", (alpha, beta, points, cdf) => {
    const draws = stream();
    const drawn = Array.from({ length: 20_000 }, () => betaSample(alpha, beta, draws));
    points.forEach((point, i) => {
      const below = drawn.filter((p) => p <= point).length / drawn.length;
      expect(Math.abs(below - cdf[i]!)).toBeLessThan(0.012);
    });
  });
});
