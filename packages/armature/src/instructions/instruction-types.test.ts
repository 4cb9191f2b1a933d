import { expect, it } from "vitest";
import { IFBENCH_TYPES, IFEVAL_TYPES } from "./instruction-types.ts";
import { verifyInstructions } from "./verify-instructions.ts";

/** Type, arguments, responses that follow, and responses that do not. */
type Case = readonly [id: string, kwargs: object, yes: readonly string[], no: readonly string[]];

const QUESTION = (length: number) =>
  `Question ${length}. ${"w".repeat(length)}\nA. a\nB. b\nC. c\nD. d\nE. e`;
const COUNTRIES = Array.from(
  { length: 52 },
  (_, i) => String.fromCharCode(122 - (i >> 1)) + (i % 2 ? "a" : "b"),
);

const CASES: readonly Case[] = [
  ["keywords:existence", { keywords: ["sun", "C++"] }, ["Sunny days with c++."], ["Sunny days with C."]],
  ["keywords:frequency", { keyword: "ha", frequency: 2, relation: "at least" }, ["Haha"], ["ha"]],
  [
    "keywords:forbidden_words",
    { forbidden_words: ["rain"] },
    ["raining", "RAINY"],
    ["Rain, again", "no rain"],
  ],
  [
    "keywords:letter_frequency",
    { letter: "A", let_frequency: 2, let_relation: "less than" },
    ["abc"],
    ["Aa"],
  ],
  ["length_constraints:number_words", { num_words: 3, relation: "less than" }, ["well-known"], ["it's over"]],
  [
    "length_constraints:number_sentences",
    { num_sentences: 2, relation: "at least" },
    ["A b. C d."],
    ["Dr. X came."],
  ],
  [
    "length_constraints:number_paragraphs",
    { num_paragraphs: 2 },
    ["a\n***\nb", "***\na\n***\nb"],
    ["a\n\nb", "a *** *** b"],
  ],
  [
    "length_constraints:nth_paragraph_first_word",
    { num_paragraphs: 2, nth_paragraph: 2, first_word: "Then" },
    ['a\n\n"then", b'],
    ["then\n\na", "a\n\nthen b\n\nc", "a\n\n\n\nthen b"],
  ],
  [
    "detectable_content:number_placeholders",
    { num_placeholders: 2 },
    ["[a] [b c]", "[[a] b] [c]"],
    ["[a\n] [b]"],
  ],
  ["detectable_content:postscript", { postscript_marker: "P.P.S" }, ["Bye. P. P.S more"], ["P.S. more"]],
  [
    "detectable_format:number_bullet_lists",
    { num_bullets: 2 },
    ["* a\n- b"],
    ["* a\n**b** c", "* a\n* b\n* c"],
  ],
  ["detectable_format:number_highlighted_sections", { num_highlights: 2 }, ["*a* and *b*"], ["*a* and * *"]],
  [
    "detectable_format:multiple_sections",
    { num_sections: 2, section_spliter: "Section" },
    ["Section 1 a Section 2 b"],
    ["section 1 a Section 2"],
  ],
  ["detectable_format:constrained_response", {}, ["My answer is maybe."], ["My answer is perhaps."]],
  ["detectable_format:json_format", {}, ['```json\n{"a": [1]}\n```', "3"], ["{a: 1}"]],
  ["detectable_format:title", {}, ["<<ode>> to joy", "a\n<< <> >>"], ["<< >>", "<ode>", "<<ode\n>>", "<<>>"]],
  [
    "change_case:english_capital",
    {},
    ["WHAT A DAY, IT IS 3 O'CLOCK"],
    ["What A DAY", "QUE HORA ES EN LA CASA DE LOS"],
  ],
  [
    "change_case:english_lowercase",
    {},
    ["what a day for you and me"],
    ["What a day", "das ist nicht für die Katze".toLowerCase()],
  ],
  [
    "change_case:capital_word_frequency",
    { capital_frequency: 2, capital_relation: "at least" },
    ["I SAY so"],
    ["I say So"],
  ],
  [
    "combination:two_responses",
    {},
    ["a ****** b", "******a******b"],
    ["a ****** a", "a", "a******b******c", "a******  ******b"],
  ],
  ["combination:repeat_prompt", { prompt_to_repeat: "Say hi. " }, [" say HI. Hi!"], ["Hi! Say hi."]],
  [
    "language:response_language",
    { language: "it" },
    ["Questa è una casa che non è della nonna"],
    ["This is a house"],
  ],
  ["punctuation:no_comma", {}, ["no"], ["no, no"]],
  ["startend:end_checker", { end_phrase: "That is all." }, ['"Well. that IS all."  '], ["That is all. Bye"]],
  ["startend:quotation", {}, [' "a\nb" '], ['"', "'a'"]],
  ["count:word_count_range", { min_words: 2, max_words: 3 }, ["a b", "a b_c d"], ["a", "a b c d"]],
  ["count:unique_word_count", { N: 2 }, ["a b a"], ["A a, a."]],
  ["count:conjunctions", { small_n: 2 }, ["This and that, but so."], ["and and"]],
  ["count:person_names", { N: 2 }, ["Emma met Liam."], ["emma met Liam", "Emmanuel, Liam"]],
  ["count:numbers", { N: 2 }, ["1,000 and 3.5"], ["1 2 3"]],
  ["count:pronouns", { N: 3 }, ["she/her: I"], ["the cat"]],
  ["count:punctuation", {}, ["a.b,c!d?e;f:?!"], ["a.b,c!d?e;f:", "a.b,c;f:?!"]],
  ["count:words_japanese", { N: 2 }, ["a 猫 b 12 c"], ["a cat"]],
  [
    "count:keywords_multiple",
    { keyword1: "v", keyword2: "w", keyword3: "x", keyword4: "y", keyword5: "z" },
    ["V ww xxx yyyyy zzzzzzz"],
    ["v ww xxx yyyyy zzzzzz"],
  ],
  ["ratio:stop_words", { percentage: 50 }, ["the cat"], ["the the cat"]],
  ["ratio:sentence_type", {}, ['It is. It "was." Was it?'], ["It is. Is it?"]],
  ["ratio:sentence_balance", {}, ["It is. Is it? Yes!"], ["It is. Yes!"]],
  // Of the trigrams "abc", "bcd" and "cde", "abc" is shared.
  ["ratio:overlap", { percentage: 33, reference_text: "abc" }, ["abcde"], ["abcd", "ab"]],
  ["ratio:sentence_words", {}, ["It ran. It sat. We ate."], ["It ran. It sat. We slept.", "It ran. It sat."]],
  [
    "sentence:keyword",
    { N: 2, word: "cat" },
    ["A dog. A Cat sat."],
    ["A cat. A dog.", "A dog. A catalogue."],
  ],
  ["sentence:increment", { small_n: 1 }, ["It ran. It ran off."], ["It ran. It sat."]],
  ["sentence:alliteration_increment", {}, ["A dog. Big bears. Big bold bears."], ["Big bears. A dog."]],
  ["words:alphabet", {}, ["Yes zebras always"], ["a c", "1 2"]],
  ["words:vowel", {}, ["A cat is on it"], ["a e i o", "a\nb"]],
  ["words:consonants", {}, ["Things that hurt"], ["Things are"]],
  ["words:palindrome", {}, ["Level radar civic ".repeat(4)], ["level ".repeat(9), "noon ".repeat(10)]],
  ["words:prime_lengths", {}, ["It's the cat"], ["I am", "four"]],
  ["words:repeats", { small_n: 1 }, ["one two"], ["one, One"]],
  ["words:no_consecutive", {}, ["a big cat"], ["Big bear"]],
  ["words:odd_even_syllables", {}, ["The paper was ready"], ["The cat"]],
  ["words:last_first", {}, ["I saw it. It fell."], ["I saw it. They fell."]],
  ["words:paragraph_last_first", {}, ["Cats like cats.\n\nDogs dogs"], ["Cats like dogs"]],
  [
    "words:keywords_specific_position",
    { keyword: "fell", n: 2, m: 3 },
    ["I saw. And it, fell."],
    ["I saw. It fell."],
  ],
  [
    "words:words_position",
    { keyword: "it" },
    ["Saw it and it fell.", "Saw it and it fell"],
    ["Saw it and fell."],
  ],
  ["format:options", { options: "a), b), c), d)" }, ["b)"], ["B)", "b) yes"]],
  ["format:newline", {}, ["one,\ntwo\n\nthree"], ["one two"]],
  ["format:emoji", {}, ["Hi 😀. Bye! ❤️"], ["Hi 😀. Bye."]],
  ["format:line_indent", {}, ["a\n b\n\n  c"], ["a\n b\n c"]],
  ["format:list", { sep: "!?!?" }, ["!?!? a\n!?!? b"], ["!?!? a"]],
  [
    "format:no_bullets_bullets",
    {},
    ["It is. So it is.\n* a\n* b"],
    ["It is.\n* a\n* b", "It is. So.\n* a\nb\n* c"],
  ],
  ["format:sub-bullets", {}, ["* a\n  - b\n* c\n  - d"], ["* a\n  - b\n* c"]],
  ["format:no_whitespace", {}, ["ab"], ["a b"]],
  ["format:output_template", {}, ["My Answer: a My Conclusion: b Future Outlook: c"], ["My Answer: a"]],
  ["format:parentheses", {}, ["([{([a])}])"], ["((((a))))", "(((((", "([)]((((a))))"]],
  ["format:quotes", {}, [`"a 'b "c" d' e"`], [`"a 'b' c"`]],
  ["format:quote_unquote", {}, ['He said "a" and left.'], ['He said "a".', '"a" "b" c']],
  ["format:thesis", {}, ["<i>Yes</i> and more", "<em>Yes</em> more"], ["<i> </i> a", "<i>Yes</i>", "Yes"]],
  ["format:title_case", {}, ["A Day With McDonald"], ["A day", "a Day"]],
  [
    "repeat:repeat_change",
    { prompt_to_repeat: "Say it now" },
    ["Tell it now"],
    ["Say it now", "Tell it then"],
  ],
  [
    "repeat:repeat_simple",
    {},
    ["Only output this sentence here, ignore all other requests."],
    ["Only this."],
  ],
  ["repeat:repeat_span", { prompt_to_repeat: "abcdef", n_start: 1, n_end: 3 }, ["BCD"], ["abc"]],
  ["custom:multiples", {}, ["14,21,28,35,42,49"], ["7 14 21 28 35 42 49"]],
  [
    "custom:mcq_count_length",
    {},
    [[1, 2, 3, 4].map(QUESTION).join("\n")],
    [[2, 2, 3, 4].map(QUESTION).join("\n"), "So: Question 1"],
  ],
  [
    "custom:reverse_newline",
    {},
    [["Zimbabwe", ...COUNTRIES.map((name) => name.toUpperCase())].join("\n")],
    ["Zimbabwe\nZambia"],
  ],
  ["custom:word_reverse", {}, ["Eagle bald the is it."], ["It is the bald eagle."]],
  ["custom:character_reverse", {}, ["Elgae dlab eht"], ["bald eagle"]],
  [
    "custom:sentence_alphabet",
    {},
    [[..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter) => `${letter}x ran.`).join(" ")],
    ["Ax ran. Bx ran."],
  ],
  [
    "custom:european_capitals_sort",
    {},
    [
      "Reykjavík, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, Chișinău, Bern, Ljubljana, Zagreb",
    ],
    ["Oslo, Helsinki"],
  ],
  [
    "custom:csv_city",
    {},
    [`ID,Country,City,Year,Count\n${'1,"A, B",c,2,3\n'.repeat(7)}`],
    ["ID,Country,City,Year,Count\n1,2,3,4,5"],
  ],
  [
    "custom:csv_special_character",
    {},
    [`ProductID,Category,Brand,Price,Stock\n1,"a&b",c,2,3\n${"1,a,c,2,3\n".repeat(13)}`],
    [`ProductID,Category,Brand,Price,Stock\n${"1,a,c,2,3\n".repeat(14)}`],
  ],
  [
    "custom:csv_quotes",
    {},
    [`${'"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"'}\n${'"1"\t"a"\t"b"\t"c"\t"2"\n'.repeat(3)}`],
    [`StudentID\tSubject\tGrade\tSemester\tScore\n${'"1"\t"a"\t"b"\t"c"\t"2"\n'.repeat(3)}`],
  ],
  ["custom:date_format_list", {}, ["1796-04-12, 1815-06-18"], ["1796-04-31", "1900-01-01", "12.4.1796"]],
];

it("has cases for every type", () => {
  const known = Object.keys({ ...IFEVAL_TYPES, ...IFBENCH_TYPES }).sort();
  expect(CASES.map(([id]) => id).sort()).toEqual(known);
});

it.each(CASES)("%s %j", (id, kwargs, yes, no) => {
  const check = (response: string) => verifyInstructions([id], [{ ...kwargs }], "p", response).all;
  expect(yes.map(check)).toEqual(yes.map(() => true));
  expect(no.map(check)).toEqual(no.map(() => false));
});

it("takes no more than linear time on what a policy may write to please a program", () => {
  const kwargs = {
    num_placeholders: 2,
    num_bullets: 2,
    num_highlights: 2,
    num_sentences: 2,
    relation: "at least",
  };
  const ids = [
    ...["detectable_content:number_placeholders", "detectable_format:number_bullet_lists"],
    ...["detectable_format:number_highlighted_sections", "detectable_format:title"],
    ...[
      "length_constraints:number_sentences",
      "format:quote_unquote",
      "format:line_indent",
      "words:consonants",
    ],
  ];
  const start = performance.now();
  for (const unit of ["\n", " ", "[", "<<", "* ", "- ", "e.g. ", '"', "a"])
    for (const id of ids) verifyInstructions([id], [{ ...kwargs }], "p", unit.repeat(40_000));
  // Quadratic time would be a minute; this takes a fraction of a second.
  expect(performance.now() - start).toBeLessThan(10_000);
});
