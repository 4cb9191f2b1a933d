import { describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { chatTemplateOf, renderChat } from "./chat-template.ts";

// The usual shape of such templates: block trimming, loop variables, inner white space control.
const template = `{{ bos_token }}{% for message in messages %}
{%- if loop.first and message['role'] == 'system' %}[S]{{ message['content'] | trim }}
{%- elif message['role'] not in ['user', 'assistant'] %}{{ raise_exception('Roles must be user or assistant') }}
{%- else %}[{{ message['role'][0] | upper }}]{{ message.content }}{{ eos_token }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}[A]{% endif %}{% if enable_thinking is defined and enable_thinking %}<think>{% endif %}`;
const messages = [
  { role: "system", content: " Judge. " },
  { role: "user", content: "A {{ or }} B?\n" },
];

describe("renderChat", () => {
  it("renders roles, marks and the opening of the answer", () => {
    const marks = { bos: "<s>", eos: "</s>" };
    expect(renderChat(template, messages, marks)).toBe("<s>[S]Judge.[U]A {{ or }} B?\n</s>");
    expect(renderChat(template, messages, { ...marks, addGenerationPrompt: true })).toMatch(/<\/s>\[A\]$/);
    const variables = { enable_thinking: true };
    expect(renderChat(template, messages, { addGenerationPrompt: true, variables })).toMatch(/\[A\]<think>$/);
  });

  it("passes on the template's own refusal, with the roles", () => {
    const odd = [...messages, { role: "critic", content: "x" }];
    expect(() => renderChat(template, odd)).toThrow(ModelFileError);
    expect(() => renderChat(template, odd)).toThrow(
      /chat template: .*Roles must be user or assistant.*roles of the messages: system, user, critic/,
    );
  });

  it("says that a template is faulty", () => {
    expect(() => renderChat("{% for m in messages %}", messages)).toThrow(/^chat template: /);
  });
});

describe("chatTemplateOf", () => {
  it("takes a text, or the default of a list", () => {
    expect(chatTemplateOf({ chat_template: "x" })).toBe("x");
    const list = [
      { name: "tool_use", template: "t" },
      { name: "default", template: "d" },
    ];
    expect(chatTemplateOf({ chat_template: list })).toBe("d");
    expect(chatTemplateOf({ chat_template: [] })).toBeUndefined();
    expect(chatTemplateOf({})).toBeUndefined();
  });
});
