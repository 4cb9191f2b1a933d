import { SeededStream } from "@armature/engine";
import type { SampleRequest } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import type { JudgeTask } from "../judge/rubric-judge.ts";
import { nanoDialect, readJudgePrompt } from "./nano-dialect.ts";
import { nanoReader } from "./nano-reader.ts";
import { randomNote, writeNote } from "./note.ts";
import { programReader } from "./note-reader.ts";
import { randomRequest, writeRequest } from "./note-request.ts";
import { categorisedRubric, ruledCriteria } from "./request-rubrics.ts";
import { perfectReader } from "./rule-reader.ts";
import { RuleSampler } from "./rule-sampler.ts";

function tasks(count: number): JudgeTask[] {
  return Array.from({ length: count }, (_, i) => {
    const stream = new SeededStream(7, "nano reader", i);
    const request = randomRequest(stream);
    const prompt = { id: `p${i}`, messages: [{ role: "user", content: writeRequest(request) }] } as const;
    const rubric = categorisedRubric(ruledCriteria("teacher", prompt, 0), { pitfall: false });
    return { prompt, response: writeNote(randomNote(stream, request, stream.pick(request.rules))), rubric };
  });
}

/** A judge whose transcripts are spoiled after they were written. */
class SpoiledSampler extends RuleSampler {
  readonly #spoil: (text: string, place: number) => string;

  constructor(spoil: (text: string, place: number) => string) {
    super(perfectReader);
    this.#spoil = spoil;
  }

  override sampleMany(requests: readonly SampleRequest[]) {
    const answered = super.sampleMany(requests);
    const spoiled = answered.result.then((results) =>
      results.map(({ sequences: [sequence] }, place) => {
        const text = this.#spoil(nanoDialect.judge.decode(sequence!.tokens), place);
        return { sequences: [{ ...sequence!, tokens: nanoDialect.judge.encodeCompletion(text) }] };
      }),
    );
    return { ...answered, result: spoiled };
  }
}

describe("pointwise verdicts of a pairwise judge", () => {
  it("are those of a reader by program where the judge reads without error", async () => {
    const asked = tasks(60);
    const read = await nanoReader(new RuleSampler(perfectReader), "rules").read(asked);
    expect(read).toEqual(await programReader({ noise: 0, seed: 0 }).read(asked));
  });

  it("show each response beside itself", async () => {
    const [task] = tasks(1);
    let shown: ReturnType<typeof readJudgePrompt> = null;
    const sampler = new RuleSampler(perfectReader);
    const sampleMany = sampler.sampleMany.bind(sampler);
    sampler.sampleMany = (requests) => {
      shown = readJudgePrompt(requests[0]!.prompt);
      return sampleMany(requests);
    };
    await nanoReader(sampler, "rules").read([task!]);
    expect(shown).toMatchObject({ responseA: task!.response, responseB: task!.response });
  });

  it("are one half where the judge contradicts itself, and fail together where the form is broken", async () => {
    const [task] = tasks(1);
    const firstVerdict = / (yes|no) /;
    const turned = new SpoiledSampler((text) =>
      text.replace(firstVerdict, (_, verdict) => (verdict === "yes" ? " no " : " yes ")),
    );
    const [[first, second]] = (await nanoReader(turned, "turned").read([task!])) as [never[]];
    expect(first).toMatchObject({ status: "scored", value: 0.5 });
    expect([0, 1]).toContain((second as { value: number }).value);
    const cut = new SpoiledSampler((text) => text.replace("[analysis] ", ""));
    const [failed] = await nanoReader(cut, "cut").read([task!]);
    expect(failed).toHaveLength(task!.rubric.criteria.length);
    for (const verdict of failed!) expect(verdict).toMatchObject({ status: "failed", kind: "parse" });
  });

  it("fail for a response whose words the judge does not read, and for it alone", async () => {
    const [one, other] = tasks(2);
    const unread = { ...one!, response: "the <judge> is wet ." };
    const [failed, read] = await nanoReader(new RuleSampler(perfectReader), "rules").read([unread, other!]);
    expect(failed![0]).toMatchObject({ status: "failed", kind: "parse" });
    expect(read).toEqual((await programReader({ noise: 0, seed: 0 }).read([other!]))[0]);
  });
});
