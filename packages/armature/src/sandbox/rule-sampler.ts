import { SeededStream } from "@armature/engine";
import {
  type Pending,
  pendingResult,
  type SampleOptions,
  type SampleRequest,
  type SampleResult,
  type Sampler,
  TinkerError,
  type TokenIds,
} from "@armature/tinker";
import { nanoDialect, readJudgePrompt } from "./nano-dialect.ts";
import { readNote } from "./note.ts";
import { gatekeeperOf, readLines } from "./rubric-language.ts";
import type { RuleReader } from "./rule-reader.ts";
import { trueVerdicts, writeTranscript } from "./transcript.ts";

/**
 * A rule-based reader where a trained judge would stand: it answers judge prompts of the nano dialect with true verdicts and
 * the reader's winner. With it a generator can be trained, or a bound measured, without any judge. The winner of an open
 * call is drawn from the request's seed; its token has the logprob of that draw, all others are certain.
 */
export class RuleSampler implements Sampler {
  readonly #reader: RuleReader;

  constructor(reader: RuleReader) {
    this.#reader = reader;
  }

  sample(prompt: TokenIds, options: SampleOptions): Pending<SampleResult> {
    return pendingResult(Promise.resolve().then(() => this.#answer({ prompt, options })));
  }

  sampleMany(requests: readonly SampleRequest[]): Pending<readonly SampleResult[]> {
    return pendingResult(Promise.resolve().then(() => requests.map((request) => this.#answer(request))));
  }

  logprobs(): Pending<Float32Array> {
    return pendingResult(Promise.reject(noLogprobs()));
  }

  logprobsMany(): Pending<readonly Float32Array[]> {
    return pendingResult(Promise.reject(noLogprobs()));
  }

  async dispose(): Promise<void> {}

  #answer({ prompt, options }: SampleRequest): SampleResult {
    const parts = readJudgePrompt(prompt);
    const lines = readLines(parts?.rubricText ?? "");
    const [noteA, noteB] = [readNote(parts?.responseA ?? ""), readNote(parts?.responseB ?? "")];
    if (!lines.ok || !noteA.ok || !noteB.ok) {
      throw new TinkerError(
        "user",
        "a rule-based reader answers only judge prompts with a rubric and two notes",
      );
    }
    const criteria = lines.names;
    const verdicts = trueVerdicts(criteria, noteA.note, noteB.note);
    const chanceOfA = this.#reader.chanceOfA(criteria, verdicts);
    const stream = new SeededStream(options.seed ?? 0, "rule-reader", ...prompt);
    const sequences = Array.from({ length: options.numSamples ?? 1 }, () => {
      const winner = stream.chance(chanceOfA) ? "A" : "B";
      const text = writeTranscript({ criteria, gatekeeper: gatekeeperOf(criteria), verdicts, winner });
      const tokens = nanoDialect.judge.encodeCompletion(text);
      const logprobs = new Float32Array(tokens.length);
      logprobs[tokens.length - 2] = Math.log(winner === "A" ? chanceOfA : 1 - chanceOfA);
      return { tokens, logprobs, stopReason: "stop" as const };
    });
    return { sequences };
  }
}

function noLogprobs(): TinkerError {
  return new TinkerError("user", "a rule-based reader gives no logprobs of given tokens");
}
