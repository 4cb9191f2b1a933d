import { Template } from "@huggingface/jinja";
import { ModelFileError } from "../errors.ts";
import { isObject, type JsonObject } from "../weights/json-file.ts";

/** One turn as a template reads it. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface ChatTemplateOptions {
  /** Ends the text with the opening of an assistant's turn (default false). */
  readonly addGenerationPrompt?: boolean;
  /** Texts of the tokens that begin and end a sequence. */
  readonly bos?: string;
  readonly eos?: string;
  /** Further variables of the template, such as `enable_thinking`. */
  readonly variables?: Readonly<JsonObject>;
}

const parsed = new Map<string, Template>();

/**
 * Renders a conversation with a model's own Jinja template, as transformers' `apply_chat_template` does. The text holds all
 * special tokens: encode it without adding any. Throws `ModelFileError` where the template is faulty or refuses the messages.
 */
export function renderChat(
  template: string,
  messages: readonly ChatMessage[],
  options: ChatTemplateOptions = {},
): string {
  try {
    let compiled = parsed.get(template);
    if (!compiled) {
      compiled = new Template(template);
      parsed.set(template, compiled);
    }
    return compiled.render({
      ...options.variables,
      messages,
      add_generation_prompt: options.addGenerationPrompt ?? false,
      bos_token: options.bos ?? "",
      eos_token: options.eos ?? "",
    });
  } catch (error) {
    const roles = messages.map(({ role }) => role).join(", ");
    throw new ModelFileError(
      `chat template: ${(error as Error).message} (roles of the messages: ${roles}); check the template or the order of the roles`,
      { cause: error },
    );
  }
}

/** The template in a `tokenizer_config.json`: a text, or the one named "default" of a list. */
export function chatTemplateOf(tokenizerConfig: JsonObject): string | undefined {
  const template = tokenizerConfig["chat_template"];
  if (typeof template === "string") return template;
  if (!Array.isArray(template)) return undefined;
  const named = template.filter(isObject).find(({ name }) => name === "default");
  return typeof named?.["template"] === "string" ? named["template"] : undefined;
}
