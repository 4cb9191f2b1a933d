import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRows } from "../../data/csv-rows.ts";
import { bare, isLower, isUpper, literal, wholeWord, withoutPunctuation } from "./characters.ts";
import { detectLanguage } from "./language.ts";
import { sentencesOf } from "./sentences.ts";
import { syllables } from "./syllables.ts";
import { wordTokens } from "./word-tokens.ts";
import { wordRuns } from "./words.ts";

describe("sentencesOf", () => {
  it.each<[string, readonly string[]]>([
    [
      "Mr. Smith met Dr. Jones at 3 p.m. on Oct. 5. They talked.",
      ["Mr. Smith met Dr. Jones at 3 p.m. on Oct. 5.", "They talked."],
    ],
    ["It costs 3.50 dollars. Really?! Yes!", ["It costs 3.50 dollars.", "Really?!", "Yes!"]],
    ['He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]],
    [
      "J. K. Rowling wrote it. J.R.R. Tolkien did not.",
      ["J. K. Rowling wrote it.", "J.R.R. Tolkien did not."],
    ],
    ["1. First of all.\n2. second", ["1.", "First of all.", "2. second"]],
    ["**Bold.** Next one", ["**Bold.", "** Next one"]],
    ["no mark at all\n\nand a new paragraph", ["no mark at all\n\nand a new paragraph"]],
    ["Well ... it rained. (It did.) Good.", ["Well ... it rained.", "(It did.)", "Good."]],
    ["", []],
  ])("splits %j", (text, sentences) => expect(sentencesOf(text)).toEqual(sentences));

  it("loses nothing but white space", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aB. ?!\n\"')*1é") }), (text) => {
        expect(sentencesOf(text).join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      }),
    );
  });
});

describe("words", () => {
  it("takes letters of any script", () => {
    expect(wordRuns("naïve café—東京, don't x_1")).toEqual(["naïve", "café", "東京", "don", "t", "x_1"]);
  });

  it("sets marks and contractions apart", () => {
    expect(wordTokens("I can't pay $3.50 for Tom's (old) well-known U.S. car... OK?")).toEqual(
      "I|ca|n't|pay|$|3.50|for|Tom|'s|(|old|)|well-known|U.S.|car|...|OK|?".split("|"),
    );
    expect(wordTokens('He said: "Cannot, 1,000 times." Then left.')).toEqual(
      "He|said|:|``|Can|not|,|1,000|times|.|''|Then|left|.".split("|"),
    );
  });

  it("counts syllables by rule", () => {
    const words = ["cat", "paper", "banana", "make", "walked", "wanted", "table", "rhythm", "a"];
    expect(words.map(syllables)).toEqual([1, 2, 3, 1, 1, 2, 2, 1, 1]);
  });
});

describe("characters", () => {
  it("knows capitals", () => {
    expect(["AB 1!", "Ab", "12", "ÄÖ", "ab", "ǅ"].map(isUpper)).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(["ab 1!", "Ab", "12", "äö"].map(isLower)).toEqual([true, false, false, true]);
  });

  it("takes punctuation off", () => {
    expect([bare(' ("it\'s") '), withoutPunctuation("a-b_c’d.")]).toEqual(["it's", "abc’d"]);
    expect(bare("... ")).toBe("");
  });

  it("makes patterns of any text that match that text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(new RegExp(`^${literal(text)}$`, "u").test(text)).toBe(true);
        expect(wholeWord(text, "").test(`( ${text} )`)).toBe(true);
      }),
    );
  });

  it("reads CSV", () => {
    expect(csvRows('a,"b ""c"", d"\r\n,\n', ",")).toEqual([
      ["a", 'b "c", d'],
      ["", ""],
    ]);
    expect(csvRows("", ",")).toEqual([]);
  });
});

describe("detectLanguage", () => {
  it.each([
    ["en", "The weather is nice today and we are going to the market with our friends."],
    ["es", "Hoy hace buen tiempo y vamos al mercado con nuestros amigos para comprar pan."],
    ["pt", "O tempo está bom hoje e nós vamos ao mercado com os nossos amigos para comprar pão."],
    ["fr", "Il fait beau aujourd'hui et nous allons au marché avec nos amis pour acheter du pain."],
    ["de", "Das Wetter ist heute schön und wir gehen mit unseren Freunden auf den Markt."],
    ["it", "Oggi il tempo è bello e andiamo al mercato con i nostri amici per comprare il pane."],
    ["vi", "Hôm nay thời tiết đẹp và chúng tôi đi chợ với bạn bè để mua bánh mì."],
    ["pl", "Dzisiaj jest ładna pogoda i idziemy na targ z naszymi przyjaciółmi, żeby kupić chleb."],
    ["fi", "Tänään on kaunis sää ja me menemme torille ystäviemme kanssa ostamaan leipää."],
    ["sw", "Leo hali ya hewa ni nzuri na tunaenda sokoni pamoja na marafiki zetu kununua mkate."],
    ["hi", "आज मौसम अच्छा है और हम अपने दोस्तों के साथ बाज़ार जा रहे हैं।"],
    ["mr", "आज हवामान छान आहे आणि आम्ही आमच्या मित्रांसोबत बाजारात जात आहोत."],
    ["ne", "आज मौसम राम्रो छ र हामी साथीहरूसँग बजार जाँदैछौं।"],
    ["ar", "الطقس جميل اليوم ونحن ذاهبون إلى السوق مع أصدقائنا لشراء الخبز."],
    ["fa", "امروز هوا خوب است و ما با دوستانمان به بازار می‌رویم تا نان بخریم."],
    ["ur", "آج موسم اچھا ہے اور ہم اپنے دوستوں کے ساتھ بازار جا رہے ہیں۔"],
    ["ru", "Сегодня хорошая погода, и мы идём на рынок с нашими друзьями, чтобы купить хлеб."],
    ["bg", "Днес времето е хубаво и ние отиваме на пазара с нашите приятели, за да купим хляб."],
    ["uk", "Сьогодні гарна погода, і ми йдемо на ринок з нашими друзями, щоб купити хліб."],
    ["kn", "ಇಂದು ಹವಾಮಾನ ಚೆನ್ನಾಗಿದೆ"],
    ["pa", "ਅੱਜ ਮੌਸਮ ਚੰਗਾ ਹੈ"],
    ["gu", "આજે હવામાન સારું છે"],
    ["te", "ఈ రోజు వాతావరణం బాగుంది"],
    ["ta", "இன்று வானிலை நன்றாக உள்ளது"],
    ["th", "วันนี้อากาศดี"],
    ["bn", "আজ আবহাওয়া ভালো"],
    ["ml", "ഇന്ന് കാലാവസ്ഥ നല്ലതാണ്"],
    ["ko", "오늘은 날씨가 좋습니다"],
    ["he", "מזג האוויר נעים היום"],
    ["ja", "今日は天気がいいです"],
    ["zh", "今天天气很好"],
  ])("%s", (language, text) => {
    expect(detectLanguage(text)).toBe(language);
    expect(detectLanguage(text.toUpperCase())).toBe(language);
  });

  it("calls Latin text without a sign English, and text without letters nothing", () => {
    expect(["YES", "etchings", "12 + 3 = ?", ""].map(detectLanguage)).toEqual(["en", "en", null, null]);
  });
});
