import { csvRows } from "../../data/csv-rows.ts";
import { type InstructionTypes, plain } from "../instruction-type.ts";
import { asciiOf, bare, withoutPunctuation } from "../text/characters.ts";
import { sentencesOf } from "../text/sentences.ts";
import { spacedWords } from "../text/words.ts";

/** IFBench's `custom`: each belongs to one prompt of its own. */
export const CUSTOM: InstructionTypes = {
  "custom:multiples": plain((response) =>
    sameList(response.match(/\d+/g) ?? [], ["14", "21", "28", "35", "42", "49"]),
  ),
  "custom:mcq_count_length": plain(fourGrowingQuestions),
  "custom:reverse_newline": plain((response) => {
    const lines = response
      .split("\n")
      .map(bare)
      .filter((line) => line !== "");
    const start = lines.findIndex((line) => line.includes("Zimbabwe"));
    const countries = start < 0 ? [] : lines.slice(start).map(asciiOf);
    return countries.length >= 52 && countries.every((country, i) => i === 0 || country <= countries[i - 1]!);
  }),
  "custom:word_reverse": plain((response) => {
    const turned = spacedWords(withoutPunctuation(response.toLowerCase())).toReversed().join(" ");
    return turned.includes("bald eagle");
  }),
  "custom:character_reverse": plain((response) => response.toLowerCase().includes("elgae dlab")),
  "custom:sentence_alphabet": plain((response) => {
    const letters = sentencesOf(response).map((sentence) => sentence[0]!.toLowerCase());
    return letters.join("") === "abcdefghijklmnopqrstuvwxyz";
  }),
  "custom:european_capitals_sort": plain((response) => {
    const named = asciiOf(response)
      .split(",")
      .map((capital) => capital.trim())
      .filter((capital) => capital !== "");
    return sameList(named, NORTHERN_CAPITALS);
  }),
  "custom:csv_city": plain((response) => {
    const [header, ...rows] = csvRows(response, ",");
    const named = header !== undefined && sameList(header, ["ID", "Country", "City", "Year", "Count"]);
    return named && rows.length === 7 && rows.every((row) => row.length === 5);
  }),
  "custom:csv_special_character": plain((response) => {
    if (!headed(response, ["ProductID", "Category", "Brand", "Price", "Stock"], ",[ \\t]*")) return false;
    const [, ...rows] = csvRows(response.replaceAll('"', '"""'), ",");
    if (rows.length !== 14) return false;
    const special = rows.findIndex((row) => row.some((field) => /^".*[^\p{L}\p{N}_\s].*"/u.test(field)));
    return special >= 0 && rows.slice(0, special + 1).every((row) => row.length === 5);
  }),
  "custom:csv_quotes": plain((response) => {
    if (!headed(response, ["StudentID", "Subject", "Grade", "Semester", "Score"], "\\t *")) return false;
    const rows = csvRows(response.replaceAll('"', '"""'), "\t");
    return (
      rows.length === 4 &&
      rows.every((row) => row.length === 5 && row.every((field) => /^".*"$|^"$/s.test(field.trim())))
    );
  }),
  "custom:date_format_list": plain((response) => response.trim().split(",").every(isNapoleonicDate)),
};

/** European capitals north of 45 degrees, from north to south, as the published answer has them. */
const NORTHERN_CAPITALS =
  `Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw London
  Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb`.split(
    /\s+/,
  );

function sameList(found: readonly string[], wanted: readonly string[]): boolean {
  return found.length === wanted.length && found.every((one, i) => one === wanted[i]);
}

/** The first line names the columns, quoted or not. */
function headed(response: string, columns: readonly string[], separator: string): boolean {
  const names = columns.map((name) => `(?:${name}|"${name}")`).join(separator);
  return new RegExp(`^${names}$`).test(response.split("\n")[0]!.trim());
}

function fourGrowingQuestions(response: string): boolean {
  if (!response.startsWith("Question")) return false;
  const questions = response
    .split(/\n*Question \d+[.|):;]?\s*/)
    .map((question) => question.trim())
    .filter((question) => question !== "");
  if (questions.length !== 4) return false;
  const lengths = questions.map((question) => {
    const lines = question.split("\n").map((line) => line.trim());
    const options = lines.map((line) => /^[A-Ea-e][.|)]\s*[\p{L}\p{N}_]+/u.test(line));
    if (options.filter(Boolean).length !== 5) return null;
    return lines.slice(0, options.indexOf(true)).join(" ").trim().length;
  });
  return lengths.every(
    (length, i) => length !== null && (i === 0 || (lengths[i - 1] !== null && length > lengths[i - 1]!)),
  );
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** YYYY-MM-DD within Napoleon's life; the published checker lets month and day 0 pass. */
function isNapoleonicDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return year >= 1769 && year <= 1821 && month <= 12 && day <= (DAYS[month - 1] ?? 99);
}
