const list = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** The commonest short words of each language, lower case, chosen so that languages of one script share few. */
export const FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: list(`the and of to is in that it for was with as on be this are by from or have not but they his her she he you we an
    at which will would their has had can there what your my if more when all about so do out into than its our been who`),
  es: list(`el los las de la que y en un una por con para es del se al lo como más pero sus le ya este sí porque esta entre
    cuando muy sin sobre también me hasta hay donde quien desde todo nos durante su está son fue`),
  pt: list(`o os as de da do que e em um uma por com para é dos das se ao na no não mais como mas foi ele ela tem à seu sua
    ou quando muito nos já também só pelo pela até isso entre era depois sem mesmo aos seus são você`),
  fr: list(`le les des de la et un une du en que est pour dans qui par sur pas au avec ce il elle plus ne se sont nous vous
    mais ou ses cette aux leur été être ont comme fait tout lui c'est très où votre notre je tu qu d l n`),
  de: list(`der die das und ist nicht ein eine zu den von mit sich des auf für im dem dass als auch es an werden aus er hat
    sie nach bei noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein ich wir ihr`),
  it: list(`il lo gli le di che e un una per è con non sono del della dei delle nel nella al alla come più ma anche si da ha
    questo questa suo sua loro ed ci quando essere molto tutti tra fra degli dal dalla io noi voi sul sulla nei dai le i o ma`),
  vi: list(`và của là có không được cho một các trong người với đã những này để ra khi đến về như từ cũng tôi nhiều bạn vào
    phải nó rất chúng ta sẽ bị hay nếu tại trên thì mà hơn`),
  pl: list(`i w z na się nie do to jest że o jak po co tak za od jego ale czy przez dla był tylko być może już które który
    oraz jej ich przed są tym tego bardzo gdy lub ze ma`),
  fi: list(`ja on ei se että hän oli mutta kun ovat joka myös niin kuin tai sen ole mitä jos minä sinä olen tämä vain hänen
    siitä kanssa voi mukaan jotka sekä ollut tämän nyt me te he olla`),
  sw: list(`na ya wa kwa ni katika za la kuwa hii yake cha kama hiyo au lakini pia sana watu huo hili wake vya moja mimi wewe
    yeye sisi nini kila baada bila ili hizi kutoka yangu wako si`),
  hi: list(`है के में की को से का और पर यह कि एक हैं भी नहीं था ने लिए कर इस तो ही या हो साथ वह थी अपने कुछ जो आप मैं हम
    गया किया बहुत जब तक थे करने`),
  mr: list(`आहे आणि या च्या ते हा ही व आहेत मध्ये एक नाही होते त्या तो ती हे झाला केली केले साठी पण किंवा मी तुम्ही आम्ही
    त्यांनी त्याच्या असे होता होती कारण आपण म्हणून`),
  ne: list(`छ र को मा ले लाई छन् यो हो एक पनि गर्न भएको गर्ने हुन्छ थियो तर छैन उनी हामी म तपाईं यस भन्ने लागि गरेको सबै
    वा कुनै हुन् गरी के`),
  ar: list(
    `في من على إلى أن هذا هذه التي الذي عن مع ما لا كان هو هي أو ثم كل قد بين ذلك كما لم بعد حتى إذا و يا أنا نحن`,
  ),
  fa: list(
    `در به از که این است را با برای آن یک خود تا بر هم نیز می شود شده کرد اما یا ها های باید هر من ما شما بود دارد`,
  ),
  ur: list(
    `کے میں کی ہے اور کا کو سے نے یہ پر ہیں کہ ایک تھا بھی نہیں اس وہ جو ہو گیا تو ہی لیے تھے کر آپ میں ہم کچھ`,
  ),
  ru: list(`и в не на что он с как это по но из у за то же все она так его от для о бы мы вы они был была есть или если
    только я ты к до когда чтобы очень этот`),
  bg: list(`и на за да се е от в са по си той с че не това ще като но до един една или тя което който са при след ние вие те
    беше има може много аз ти къде към`),
  uk: list(`і в не на що він з як це по але та у за то ж все вона так його від для про би ми ви вони був була є або якщо
    тільки я ти й до коли щоб дуже цей`),
};

/** Letters that only one language of a script has, or has far more often than the others. */
export const OWN_LETTERS: Readonly<Record<string, RegExp>> = {
  es: /[ñ¿¡]/g,
  pt: /[ãõ]/g,
  fr: /[êœëèù]/g,
  de: /[ß]/g,
  vi: /[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/g,
  pl: /[ąćęłńśźż]/g,
  fi: /ää|yö|kk/g,
  mr: /ळ/g,
  ur: /[ٹڈڑںھہے]/g,
  fa: /[پچژگ]ی|می‌|ی(?=\s)/g,
  ru: /[ыэё]/g,
  bg: /ъ(?=\p{L})/gu,
  uk: /[іїєґ]/g,
};
