"""Invented persons, in the mix of DOMAIN §6.3, with their names in native script where natural."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cases.models import Person
from centers.models import Neighbourhood
from centers.phones import parse

# A name is written "latin" or "latin|native".
Names = Sequence[str]


@dataclass(frozen=True)
class Origin:
    """Where somebody comes from: how people there are called, speak and stay here."""

    nationality: str
    share: float
    group: str
    women: Names
    men: Names
    families: Names
    statuses: tuple[str, ...]
    languages: tuple[str, ...]
    # Endings that a family name takes for women, latin and native: Iwanow, Iwanowa.
    feminine: tuple[tuple[str, str], ...] = ()


def _names(text: str) -> Names:
    return tuple(name.strip() for name in text.split(","))


_EU = ("EU_FREIZ", "EU_FREIZ", "EU_FREIZ", "EU_DAUER")
_PROTECTED = ("P25_2F", "P25_2S", "P25_2S", "P25_3", "GESTATTUNG", "P26_3", "P36A")
_SLAVIC = (("v", "в"), ("n", "н"))

BULGARIA = Origin(
    "125",
    20,
    "EU",
    _names(
        "Desislava|Десислава, Gergana|Гергана, Snezhana|Снежана, Zdravka|Здравка, Radka|Радка,"
        "Tsvetelina|Цветелина, Milena|Милена, Galina|Галина, Yordanka|Йорданка, Fatme|Фатме"
    ),
    _names(
        "Plamen|Пламен, Stoyan|Стоян, Krasimir|Красимир, Ognyan|Огнян, Asen|Асен, Zhivko|Живко,"
        "Rumen|Румен, Sevdalin|Севдалин, Mehmed|Мехмед, Yulian|Юлиан"
    ),
    _names(
        "Karadzhov|Караджов, Stoimenov|Стоименов, Ilchev|Илчев, Marinov|Маринов, Angelov|Ангелов,"
        "Yankov|Янков, Shterev|Щерев, Zlatkov|Златков, Demirev|Демирев, Asenov|Асенов,"
        "Kolarov|Коларов, Vasilev|Василев, Traykov|Трайков, Balkanov|Балканов"
    ),
    _EU,
    ("bg", "tr", "rom"),
    _SLAVIC,
)
ROMANIA = Origin(
    "154",
    16,
    "EU",
    _names("Mihaela, Lăcrămioara, Ionela, Florentina, Nicoleta, Rodica, Anișoara"),
    _names("Gheorghiță, Costel, Marius, Ștefăniță, Viorel, Ilie, Dănuț, Petrișor"),
    _names(
        "Văcărescu, Ciobotaru, Lăutaru, Dobrescu, Bălănescu, Șerbănoiu, Căldăraru, Munteanu,"
        "Rădulea, Pîrvulescu, Stănciugel, Țurcanu, Zăvoianu, Grigoraș"
    ),
    _EU,
    ("ro", "rom"),
)
SYRIA = Origin(
    "475",
    16,
    "PROTECTED",
    _names(
        "Rasha|رشا, Hala|هالة, Nour|نور, Amina|أمينة, Samar|سمر, Rima|ريما, Wafaa|وفاء, Lamis|لميس"
    ),
    _names(
        "Khaled|خالد, Yazan|يزن, Anas|أنس, Firas|فراس, Bassel|باسل, Nizar|نزار, Mahmoud|محمود,"
        "Ammar|عمار"
    ),
    _names(
        "Al-Khatib|الخطيب, Darwish|درويش, Al-Masri|المصري, Haddad|حداد, Qabbani|قباني,"
        "Al-Ahmad|الأحمد, Zaitoun|زيتون, Shahin|شاهين, Barakat|بركات, Nasser|ناصر, Kurdi|كردي,"
        "Al-Hallaq|الحلاق"
    ),
    _PROTECTED,
    ("ar", "kmr"),
)
UKRAINE = Origin(
    "166",
    11,
    "TEMPORARY",
    _names(
        "Oksana|Оксана, Iryna|Ірина, Halyna|Галина, Svitlana|Світлана, Daryna|Дарина,"
        "Lyudmyla|Людмила, Yuliia|Юлія, Zoriana|Зоряна"
    ),
    _names("Bohdan|Богдан, Taras|Тарас, Ostap|Остап, Yevhen|Євген, Vadym|Вадим"),
    _names(
        "Kovalchuk|Ковальчук, Bondarenko|Бондаренко, Shevchuk|Шевчук, Melnychenko|Мельниченко,"
        "Lysenko|Лисенко, Hrytsenko|Гриценко, Zahorodnia|Загородня, Pylypchuk|Пилипчук,"
        "Tkachuk|Ткачук, Romaniuk|Романюк"
    ),
    ("P24",),
    ("uk", "ru"),
)
TURKEY = Origin(
    "163",
    9,
    "OTHER",
    _names("Gülşen, Hatice, Şerife, Elif, Nurgül, Özlem, Havva"),
    _names("İbrahim, Serkan, Yusuf, Ömer, Hüseyin, Çağlar, Uğur"),
    _names("Yağmur, Büyükkaya, Çelikten, Güngördü, Taşdemir, Özbalcı, Karakuş, Şimşekoğlu"),
    ("P28", "P30", "P9", "P4_2", "P32", "GESTATTUNG"),
    ("tr", "kmr"),
)
AFGHANISTAN = Origin(
    "423",
    6,
    "PROTECTED",
    _names("Shabnam|شبنم, Zarghuna|زرغونه, Parwana|پروانه, Freshta|فرشته, Laila|لیلا"),
    _names("Hamid|حمید, Sayed|سید, Najib|نجیب, Farhad|فرهاد, Abdul Wali|عبدالولی"),
    _names("Rahimi|رحیمی, Safi|صافی, Noorzai|نورزی, Hakimi|حکیمی, Popal|پوپل, Stanekzai|ستانکزی"),
    ("P25_3", "P25_2F", "GESTATTUNG", "P22", "P25_5"),
    ("prs", "ps"),
)
IRAQ = Origin(
    "438",
    5,
    "PROTECTED",
    _names("Shilan|شيلان, Zainab|زينب, Berivan|بيريفان, Hanan|حنان"),
    _names("Karwan|كاروان, Mustafa|مصطفى, Dilshad|دلشاد, Saad|سعد"),
    _names("Al-Jubouri|الجبوري, Khalaf|خلف, Hamawandi|الهماوندي, Al-Obaidi|العبيدي, Elias|الياس"),
    ("P25_2F", "P25_3", "GESTATTUNG", "P60A_2S1", "P25B_1"),
    ("ar", "ckb", "kmr"),
)
SERBIA = Origin(
    "170",
    2,
    "OTHER",
    _names("Snežana|Снежана, Dragica|Драгица, Jovanka|Јованка"),
    _names("Zoran|Зоран, Miloš|Милош, Nenad|Ненад"),
    _names("Stanojčić|Станојчић, Bajramović|Бајрамовић, Petronijević|Петронијевић"),
    ("P28", "P60A_2S1", "P19C", "P25B_1"),
    ("sr", "rom"),
)
KOSOVO = Origin(
    "150",
    2,
    "OTHER",
    _names("Arbnora, Shqipe, Fatbardha"),
    _names("Burim, Agim, Valon"),
    _names("Krasniqi-Bytyqi, Gashi, Hoxhaj, Berishaj"),
    ("P30", "P19C", "P28"),
    ("sq",),
)
NORTH_MACEDONIA = Origin(
    "144",
    1,
    "OTHER",
    _names("Biljana|Билјана, Sevdije"),
    _names("Goce|Гоце, Nuhi"),
    _names("Trajkovski|Трајковски, Ameti, Demirovski|Демировски"),
    ("P19C", "P60A_2S3"),
    ("mk", "sq", "rom"),
)
POLAND = Origin(
    "152",
    3,
    "EU",
    _names("Grażyna, Bożena, Małgorzata"),
    _names("Wiesław, Zdzisław, Łukasz"),
    _names("Wróblewicz, Dąbrowiak, Szczepaniec, Gołębiowicz"),
    _EU,
    ("pl",),
)
GREECE = Origin(
    "134",
    1,
    "EU",
    _names("Paraskevi|Παρασκευή, Despina|Δέσποινα"),
    _names("Stavros|Σταύρος, Thanasis|Θανάσης"),
    _names("Karagiannidis|Καραγιαννίδης, Tsolakoglou|Τσολάκογλου"),
    _EU,
    ("el", "tr"),
)
ITALY = Origin(
    "137",
    1,
    "EU",
    _names("Concetta, Rosaria"),
    _names("Salvatore, Calogero"),
    _names("Spataforo, Cannizzaro-Leone"),
    _EU,
    ("it",),
)
NIGERIA = Origin(
    "232",
    1.5,
    "PROTECTED",
    _names("Blessing, Ngozi, Chidinma"),
    _names("Emeka, Osaretin, Tunde"),
    _names("Okonkwo, Igbinedion, Adewale, Eze"),
    ("GESTATTUNG", "P60A_2S1", "P28", "P25_5"),
    ("en",),
)
ERITREA = Origin(
    "224",
    1.5,
    "PROTECTED",
    _names("Selam|ሰላም, Luwam|ልዋም"),
    _names("Filmon|ፊልሞን, Tesfay|ተስፋይ"),
    _names("Ghebremedhin|ገብረመድህን, Tekle|ተኽለ, Woldeab|ወልደኣብ"),
    ("P25_2F", "P36A", "P32"),
    ("ti",),
)
GHANA = Origin(
    "238",
    1,
    "OTHER",
    _names("Abena, Efua"),
    _names("Kwabena, Yaw"),
    _names("Asantewaa-Boateng, Owusu, Mensah"),
    ("P28", "P9", "P30"),
    ("en",),
)
PAKISTAN = Origin(
    "461",
    1,
    "OTHER",
    _names("Sumaira|سمیرا, Nasreen|نسرین"),
    _names("Imtiaz|امتیاز, Rashid|راشد"),
    _names("Chaudhry|چوہدری, Bhatti|بھٹی"),
    ("P18A", "P30", "GESTATTUNG"),
    ("ur", "pa", "en"),
)
IRAN = Origin(
    "439",
    1,
    "PROTECTED",
    _names("Mahsa|مهسا, Parisa|پریسا"),
    _names("Kaveh|کاوه, Siamak|سیامک"),
    _names("Rostami|رستمی, Golzar|گلزار"),
    ("P25_2F", "GESTATTUNG", "P18G"),
    ("fa",),
)
SRI_LANKA = Origin(
    "431",
    1,
    "OTHER",
    _names("Tharsini|தர்சினி"),
    _names("Suthakaran|சுதாகரன்"),
    _names("Sivapalan|சிவபாலன், Kandiah|கந்தையா"),
    ("P30", "P28", "P9"),
    ("ta",),
)
ORIGINS = (
    BULGARIA,
    ROMANIA,
    SYRIA,
    UKRAINE,
    TURKEY,
    AFGHANISTAN,
    IRAQ,
    SERBIA,
    KOSOVO,
    NORTH_MACEDONIA,
    POLAND,
    GREECE,
    ITALY,
    NIGERIA,
    ERITREA,
    GHANA,
    PAKISTAN,
    IRAN,
    SRI_LANKA,
)

# Where newcomers live (DOMAIN §6.3); every other Ortsteil counts once.
CROWDED = {"508": 14, "202": 14, "205": 7, "301": 7, "203": 6, "602": 9, "403": 8, "304": 4}
POSTAL_CODES = {
    "1": "47179",
    "2": "47166",
    "3": "47137",
    "4": "47198",
    "5": "47053",
    "6": "47226",
    "7": "47249",
}
STREETS = ("Musterstraße", "Beispielweg", "Musterallee", "Beispielgasse", "Am Musterhof")
NEEDS_INTERPRETER = ("SPRACHMITTLERPOOL", "SPRACHMITTLERPOOL", "TELEFON_VIDEO", "ANGEHOERIGE")
# Numbers that belong to nobody: 030 23125-000 to -999. Clients have those from here on.
FIRST_NUMBER = 300
LAST_NUMBER = 999


@dataclass
class Client:
    """A person who is not saved yet, with the languages that go with them."""

    person: Person
    languages: tuple[str, ...]
    origin: Origin


def invent(rng: Random, number: int, neighbourhoods: Sequence[Neighbourhood]) -> Client:
    """Make the `number`-th person up, who lives in one of these Ortsteile or nowhere fixed."""
    origin = rng.choices(ORIGINS, weights=[one.share for one in ORIGINS])[0]
    is_woman = rng.random() < 0.55
    given = rng.choice(origin.women if is_woman else origin.men)
    family = rng.choice(origin.families)
    latin, native = _whole_name(origin, given, family, is_woman=is_woman)
    spoken = _languages(rng, origin)
    counselling = spoken[0]
    bridged = "BERATER_SPRICHT" if rng.random() < 0.25 else rng.choice(NEEDS_INTERPRETER)
    person = Person(
        given_name=latin[0],
        family_name=latin[1],
        native_name=native,
        gender=Person.Gender.FEMALE if is_woman else Person.Gender.MALE,
        nationality_id=origin.nationality,
        counselling_language_id=counselling,
        interpreting_id="NICHT_NOETIG" if counselling == "de" else bridged,
        residence_status_id=rng.choice(origin.statuses),
        phone=_phone(number),
        **_birth(rng),
        **_home(rng, neighbourhoods),
    )
    if rng.random() < 0.15:
        person.contact_note = rng.choice(
            (
                "Am besten nach 14 Uhr anrufen.",
                "Bitte Kurznachricht auf Deutsch, die Tochter übersetzt.",
                "Arbeitet im Schichtdienst, nur vormittags erreichbar.",
            )
        )
    return Client(person, spoken, origin)


def residence_end(rng: Random, client: Client, today: date) -> date | None:
    """Say until when the title holds, where it is a temporary one."""
    if client.origin.group == "EU" or client.person.residence_status_id in ("P9", "P26_3"):
        return None
    return today + timedelta(days=rng.randint(20, 700))


def _whole_name(
    origin: Origin, given: str, family: str, *, is_woman: bool
) -> tuple[tuple[str, str], str]:
    given_latin, _, given_native = given.partition("|")
    family_latin, _, family_native = family.partition("|")
    if is_woman:
        for latin, _native in origin.feminine:
            if family_latin.endswith(latin):
                family_latin, family_native = f"{family_latin}a", f"{family_native}а"
                break
    native = f"{given_native} {family_native}" if given_native and family_native else ""
    return (given_latin, family_latin), native


def _languages(rng: Random, origin: Origin) -> tuple[str, ...]:
    first = rng.choices(origin.languages, weights=[6, 2, 1][: len(origin.languages)])[0]
    spoken = [first]
    if rng.random() < 0.5:
        spoken.append("de")
    return tuple(dict.fromkeys(spoken))


def _birth(rng: Random) -> dict[str, object]:
    born = date(1957, 1, 1) + timedelta(days=rng.randint(0, 365 * 49))
    how = rng.random()
    if how < 0.84:
        return {"birth_date": born, "birth_precision": Person.BirthCertainty.EXACT}
    if how < 0.94:
        born = born.replace(month=1, day=1)
        return {"birth_date": born, "birth_precision": Person.BirthCertainty.ESTIMATED}
    if how < 0.985:
        born = born.replace(month=1, day=1)
        return {"birth_date": born, "birth_precision": Person.BirthCertainty.YEAR}
    return {"birth_date": None, "birth_precision": Person.BirthCertainty.UNKNOWN}


def _home(rng: Random, neighbourhoods: Sequence[Neighbourhood]) -> dict[str, object]:
    if rng.random() < 0.03:
        return {"whereabouts": Person.Whereabouts.UNKNOWN}
    home = rng.choices(neighbourhoods, weights=[CROWDED.get(one.pk, 1) for one in neighbourhoods])[
        0
    ]
    return {
        "whereabouts": Person.Whereabouts.NEIGHBOURHOOD,
        "neighbourhood": home,
        "street": f"{rng.choice(STREETS)} {rng.randint(1, 140)}",
        "postal_code": POSTAL_CODES[home.district_id],
        "city": "Duisburg",
    }


def _phone(number: int) -> str:
    return parse(f"030 23125-{FIRST_NUMBER + number % (LAST_NUMBER - FIRST_NUMBER + 1):03}")
