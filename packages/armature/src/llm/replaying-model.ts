import { ConfigError } from "../errors.ts";
import { readAnswerLog } from "./answer-log.ts";
import {
  type Choice,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
  NO_USAGE,
} from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { requestKey } from "./request-key.ts";

/**
 * Answers out of a recorded answer log and asks no one: for tests of what uses a model, in continuous integration without a
 * key. A recording is what a `CachedModel` logs.
 */
export class ReplayingModel implements LanguageModel {
  /** The recorded model's id: the same questions have the same keys. */
  readonly id: string;
  readonly #path: string;
  readonly #answers: ReadonlyMap<string, readonly Choice[]>;

  private constructor(id: string, path: string, answers: ReadonlyMap<string, readonly Choice[]>) {
    this.id = id;
    this.#path = path;
    this.#answers = answers;
  }

  /**
   * `modelId` chooses one of several recorded models.
   * @throws DataError for a file that is no log, ConfigError where the model to replay is not clear.
   */
  static async open(path: string, modelId?: string): Promise<ReplayingModel> {
    const byModel = new Map<string, Map<string, readonly Choice[]>>();
    for await (const { key, model, choices } of readAnswerLog(path)) {
      const answers = byModel.get(model) ?? new Map<string, readonly Choice[]>();
      byModel.set(model, answers.set(key, choices));
    }
    const [only = "nothing"] = byModel.keys();
    if (modelId === undefined && byModel.size > 1)
      throw new ConfigError(
        `${path}: records ${byModel.size} models; name one with --model-name: ${[...byModel.keys()].join(", ")}`,
      );
    const id = modelId ?? only;
    if (modelId !== undefined && !byModel.has(modelId))
      throw new ConfigError(
        `${path}: records no model ${modelId}; it has ${[...byModel.keys()].join(", ") || "none"}`,
      );
    return new ReplayingModel(id, path, byModel.get(id) ?? new Map());
  }

  async complete(request: CompletionRequest): Promise<Completion> {
    const choices = this.#answers.get(requestKey(this.id, request));
    if (choices !== undefined) return { choices, usage: NO_USAGE };
    const asked = JSON.stringify(request.messages.at(-1)?.content.slice(0, 80) ?? "");
    throw new ModelCallError(
      `${this.#path}: no recorded answer to ${asked}; record it again with the model itself and --cache`,
      { kind: "infrastructure", retryable: false, usage: NO_USAGE },
    );
  }
}
