/**
 * Why something that a model was asked for is missing. A failure is data: it is counted and shown, and never a zero.
 * `infrastructure`: the server, the connection or a limit of requests failed after all tries. `timeout`: no answer within
 * the deadline. `refusal`: the model declined or its provider filtered the answer. `parse`: an answer came and cannot be
 * read. `context`: question and answer do not fit into the model. `budget`: the money or token budget was used up.
 */
export type FailureKind = "infrastructure" | "timeout" | "refusal" | "parse" | "context" | "budget";
