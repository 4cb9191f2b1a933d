import { z } from "zod";
import { optional } from "../wire/optional.ts";

const count = z.int().min(1);

const sampling = {
  model: z.string(),
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().gt(0).max(1)),
  n: optional(count.max(128)),
  stop: optional(
    z.union([
      z
        .string()
        .min(1)
        .transform((text) => [text]),
      z.array(z.string().min(1)).max(16),
    ]),
  ),
  seed: optional(z.int()),
  stream: optional(z.literal(false, "streaming is not offered; leave stream out")),
};

/** A part of a message's content; only text is read. */
const TextPart = z.object({ type: z.literal("text"), text: z.string() });

const Message = z.object({
  role: z.string(),
  content: z.union([
    z.string(),
    z.array(TextPart).transform((parts) => parts.map(({ text }) => text).join("")),
  ]),
});

/** Body of `/v1/chat/completions`, as far as it changes the answer; other fields are passed over. */
export const ChatCompletionRequest = z.object({
  ...sampling,
  messages: z.array(Message).min(1),
  max_tokens: optional(count),
  max_completion_tokens: optional(count),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.int().min(0).max(20)),
});

/** Body of `/v1/completions`: the prompt is a text or tokens, or several of one kind. */
export const CompletionRequest = z.object({
  ...sampling,
  prompt: z.union([
    z.string().transform((text) => [text]),
    z.array(z.string()).min(1),
    z
      .array(z.int())
      .min(1)
      .transform((tokens) => [tokens]),
    z.array(z.array(z.int()).min(1)).min(1),
  ]),
  max_tokens: optional(count),
  logprobs: optional(z.int().min(0).max(20)),
  echo: optional(z.literal(false, "echo is not offered; leave it out")),
});

/** Body of `/v1/chat/completions`. */
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

/** Body of `/v1/completions`. */
export type CompletionRequest = z.infer<typeof CompletionRequest>;
