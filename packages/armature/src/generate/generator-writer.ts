import { SeededStream } from "@armature/engine";
import { type SampledSequence, type SampleRequest, type Sampler, TinkerError } from "@armature/tinker";
import type { Dialect } from "../judge/dialect.ts";
import { paperMessages } from "../judge/paper-dialect.ts";
import { NO_USAGE, type Usage } from "../llm/language-model.ts";
import { askForRubric, type WriterSettings } from "./ask-for-rubric.ts";
import type { RubricWriter, RubricWriting } from "./rubric-writer.ts";
import { readTaggedCriteria, rubricOfArm } from "./tagged-criteria.ts";

/** Longest rubric of a generator in tokens (Rubric-ARM, table 9). */
const REPLY_TOKENS = 512;

/**
 * Writes hard rules and principles from the prompt alone, with the prompt of Rubric-ARM's generator (appendix E): any model
 * behind an endpoint, also a generator that was trained here and is served there.
 */
export function promptOnlyWriter(settings: WriterSettings): RubricWriter {
  const messages = paperMessages();
  return {
    id: `arm/${settings.model.id}`,
    write: ({ prompt }, options) =>
      askForRubric(
        settings,
        { text: messages.generator(prompt)[0]!.content, maxTokens: REPLY_TOKENS, read: readTaggedCriteria },
        options,
      ),
  };
}

/** A trained generator and how it is asked. */
export interface GeneratorWriterSettings {
  readonly generator: Sampler;
  readonly dialect: Dialect;
  /** Names the generator in the writer's id. */
  readonly name: string;
  /** 0 (default) is greedy, as in Rubric-ARM at inference. */
  readonly temperature?: number;
  readonly seed?: number;
}

/**
 * Writes rubrics with a generator that Rubric-ARM trained, as tokens through its dialect. A reply that is no rubric is not
 * asked for again: the generator was trained to write them. Calls of one turn of the event loop are sampled as one batch.
 */
export function generatorWriter({
  generator,
  dialect,
  name,
  temperature = 0,
  seed = 0,
}: GeneratorWriterSettings): RubricWriter {
  const sample = batched(generator);
  const { maxTokens, stop, decode } = dialect.generator;
  return {
    id: `generator/${name}`,
    async write({ prompt }, options = {}): Promise<RubricWriting> {
      options.signal?.throwIfAborted();
      const tokens = dialect.generatorPrompt(prompt);
      const sampled = await sample({
        prompt: tokens,
        options: {
          ...{ maxTokens, stop, temperature },
          seed: new SeededStream(seed, "rubric", prompt.id).uint32(),
        },
      });
      options.signal?.throwIfAborted();
      const trace = { replies: [], faults: [], repairs: [], usage: NO_USAGE };
      if (TinkerError.isInstance(sampled))
        return { status: "failed", kind: "infrastructure", detail: sampled.message, ...trace };
      const reply = decode(sampled.tokens);
      const usage: Usage = {
        ...{ calls: 1, cachedPromptTokens: 0, costUsd: 0 },
        promptTokens: tokens.length,
        completionTokens: sampled.tokens.length,
      };
      const reading = dialect.readRubric(reply);
      if (reading.ok)
        return { ...trace, status: "written", rubric: rubricOfArm(reading.rubric), replies: [reply], usage };
      const fault = sampled.stopReason === "length" ? `cut-off: ${reading.fault}` : reading.fault;
      const faults = [fault];
      return { ...trace, status: "failed", kind: "parse", detail: fault, replies: [reply], faults, usage };
    },
  };
}

type Outcome = SampledSequence | TinkerError;

/** A failure of the server or the connection is the outcome of all requests of its batch; other errors are thrown. */
function batched(generator: Sampler): (request: SampleRequest) => Promise<Outcome> {
  let waiting: {
    request: SampleRequest;
    resolve: (outcome: Outcome) => void;
    reject: (error: unknown) => void;
  }[] = [];
  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const results = await generator.sampleMany(batch.map(({ request }) => request)).result;
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!.sequences[0]!);
    } catch (error) {
      const outcome =
        TinkerError.isInstance(error) && ["server", "connection"].includes(error.kind) ? error : null;
      for (const { resolve, reject } of batch) outcome === null ? reject(error) : resolve(outcome);
    }
  }
  return (request) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void flush());
      waiting.push({ request, resolve, reject });
    });
}
