/** Kinds of request that want different qualities. */
export const REQUEST_FAMILIES = [
  "code",
  "rewriting",
  "maths",
  "classification",
  "creative",
  "advice",
  "explanation",
  "open",
] as const;
export type RequestFamily = (typeof REQUEST_FAMILIES)[number];

/** The first family whose words occur; an order, because a summary of a poem is a summary. */
const MARKS: Readonly<Record<Exclude<RequestFamily, "open">, RegExp>> = {
  code: /\b(?:code|python|javascript|typescript|java|sql|html|css|regex|algorithm|program(?:ming)?|bash|api|github|linux|excel|(?:write|implement)\b.{0,30}\bfunction)\b|c\+\+|c#|```/i,
  rewriting:
    /\b(?:summari[sz]e|summary|rewrite|re-?write|paraphrase|translat\w+|edit|rephrase|proofread|shorten|correct the|convert|simplify|extract|reword|expand|fix|given (?:a|the) (?:sentence|text|article|passage|paragraph))\b/i,
  maths:
    /\b(?:calculate|compute|solve|equation|how many|how much|probability|percent(?:age)?|divide|multiply|average|sum of|square root)\b|\d\s*[+*/×÷=]\s*\d/i,
  classification:
    /\b(?:classify|categori[sz]e|label|detect|identify|true or false|yes or no|options:|which of the following|decide (?:if|whether)|sentiment|does not belong|is it (?:true|possible))\b/i,
  creative:
    /\b(?:poem|story|song|lyrics|haiku|limerick|sonnet|dialogue|novel|slogan|joke|tweet|role[- ]?play|imagine|pretend|speech|advertisement|ad|tagline|script|compliment|nickname|scene|character|creative|essay|blog|letter|email|introduce yourself|as an? \w+,)\b/i,
  advice:
    /\b(?:how (?:can|do|should|could|would|to)\b(?: i| we| you| one)?|tips?|advice|recommend|suggest\w*|should i|best (?:way|practice)s?|ways to|plan|improve|strateg(?:y|ies)|help me)\b/i,
  explanation:
    /\b(?:explain|why|what|describe|how|compare|difference|discuss|define|tell me about|history|who|when|where|outline)\b/i,
};

export function requestFamily(request: string): RequestFamily {
  const family = REQUEST_FAMILIES.find((name) => name !== "open" && MARKS[name].test(request));
  return family ?? "open";
}
