"""What headers and labels are called in the languages that files come in; without accents."""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.intake.companions import plain

Words = frozenset[str]


def word_set(text: str) -> Words:
    """Return the words of a text."""
    return frozenset(text.split())


def bare(text: str) -> str:
    """Return only the letters and digits of a text, in small letters: Far-Infrared, farinfrared."""
    return re.sub(r"[^a-z0-9]", "", plain(text))


def any_of(words: Iterable[str], known: Words) -> bool:
    """Whether one of the words of a header is known."""
    return any(each in known for each in words)


HOUR_WORDS = word_set("""
    h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren timer godz
    hs tim timmar tunti tuntia hod godzin godziny ur ura ure sati sata sat tund tundi timar
    klst orak saat""")

# Words of headers. Those of PARTICIPANT say it alone, those of PARTICIPANT_WEAK go with others.
PARTICIPANT = word_set("""
    participant participants subject subjects subj athlete athletes player patient volunteer
    runner rider person usubjid proband probanden probandin teilnehmer versuchsperson vp vpn
    sportler spieler sujet joueur participante sujeto jugador atleta paciente soggetto
    deelnemer proefpersoon deltaker deltagare deltager forsoksperson osallistuja tutkittava
    zawodnik uczestnik badany joueuse athletin sportif sportive jogador voluntario giocatore
    sporter speler spiller utover lober lopare spelare pelaaja urheilija zawodniczka osoba
    forskningsperson deelnemerscode deelnemersnummer probandennummer probandencode
    teilnehmercode teilnehmernummer leikari ispitanik ispitanica sudionik vaskoda igrac
    udelezenec sportas osaleja katseisik ucastnik sportovec resztvevo jatekos sporcu katilimci""")
PARTICIPANT_WEAK = word_set("""
    id code codes name nr no number pid record user who about kode codigo codice kod numero
    num nummer koodi nom nombre nome naam navn namn initials initialen kurzel alias sifra koda
    kood nimi ime""")
ARM = word_set("""
    alloc allocation allocated assignment assigned randomisation randomization rand randgroup
    condition conditions cond treatment treatments treat trt trtp tx arm armcd group
    intervention therapy modality method protocol recovery drug product diet formulation
    supplement bedingung behandlung gruppe therapie massnahme verfahren traitement groupe
    condicion tratamiento grupo intervencion condizione trattamento gruppo conditie
    behandeling betingelse behandling ryhma hoito kasittely metoda zabieg grupa condicao
    metodo groep arme bras braccio tratamento intervencao modalidad modalidade modalite
    methode warunek terapia terapi interwencja interventie herstelmethode intervensjon tiltak
    anwendung procedure procedura procedimiento zabiegu skupina postopek postupak tretman
    sekkumine ravi ryhm vidgerd bolkur medferd hopur kezeles csoport tratament grup uygulama
    zakrok lecba intervence""")
TIME = word_set("""
    time timepoint timepoints tp when moment measurement assessment stage event tags visit
    avisit session hour hours hrs day days zeit zeitpunkt messzeitpunkt messung wann stunde
    stunden tag temps heures tiempo momento horas tempo quando cuando quand wanneer tijd
    tijdstip tidspunkt tid aika czas pomiar h instante instant chwila termin malepunkt
    maletidspunkt ajankohta rilevazione misurazione medicao medicion avaliacao evaluacion
    tijdmoment meetmoment tempi mootmine aeg kdaj kada vrijeme cas mereni meres idopont zaman
    dagur""")
PERIOD = word_set("""
    period periode periodo week woche semaine semana phase session visit round block bout run
    crossover leg sitzung besuch sesion seance durchgang uke vecka prova sesja okres wizyta
    visite visita bezoek besok kaynti runde turno giornata etapa etap tydzien seeria umfar
    razdoblje obdobje tjedan teden nadal tyden obdobi het hafta donem""")
SEQUENCE = word_set("""
    sequence seq order reihenfolge sequenz ordre orden secuencia sequenza rekkefolge kolejnosc
    ordem sekwencja sequentie volgorde ordning jarjestus jarjestys redoslijed zaporedje vrstni
    poradi sorrend ordine sira""")
REPLICATE = word_set("""
    trial attempt rep reps repetition jump versuch essai intento tentativa forsok try set no
    nr tentative repeticion repeticao ripetizione proba powtorzenie poging""")
ITEM = word_set("""
    outcome measure variable test parameter metric item analyte endpoint messgrosse zielgrosse
    variabel mesure medida type question scale param paramcd prueba teste prova zmienna
    variavel variabile resultado""")
MINUTE_WORDS = word_set("min mins minute minutes minuten minuto minutos minuti minuter")
UNIT = word_set("""
    unit units einheit unite unidad unidade unita jednostka enhet enhed eenheid yksikko""")
NOTES = word_set("""
    note notes remark remarks comment comments bemerkung bemerkungen anmerkung anmerkungen
    hinweis remarque remarques commentaire commentaires observaciones observacoes obs
    opmerking opmerkingen uwagi merknad merknader kommentar kommentarer anmarkning
    huomautukset notater napomena napomene opomba opombe opombo markused poznamka poznamky
    megjegyzes vidmerking vidmerkingar""")
# Columns that are no measurements of recovery, and no arms either.
TRAITS = word_set("""
    age alter edad sex gender geschlecht sexe sexo bmi mass weight gewicht poids peso sport
    position discipline segment limb leg side seite hand dominant device rater tester site
    centre center room temperature humidity date datum fecha year month birth dob ethnicity
    team club""")
BODY = word_set("""
    age alter edad bmi mass weight gewicht poids peso year month birth dob date datum fecha
    room humidity""")
META = word_set("""
    seconds progress finished latitude longitude timestamp ip status index row excluded active
    complete instance language channel consent responseid recorddate version""")

# Treatments by the names they go by; a label is compared without blanks, hyphens and accents.
TREATMENTS = {
    "passive": """
        passive passiverest passiverecovery pas rest resting passiv ruhe repos pasivo riposo
        reposo control con ctrl ctl kontrolle controle kontroll kontrola controllo
        controlgroup controlcondition kontrollgruppe norecovery usual seated sitting descanso
        repouso rust odpoczynek bierny pasywny hvile vila lepo passief passiva passivo
        reposopasivo repospassif recuperacionpasiva recuperacaopassiva recuperopassivo
        passieverust passivhvile passivvila odpoczynekbierny grupocontrol grupocontrole
        gruppocontrollo groupecontrole groupetemoin temoin controlegroep kontrollgrupp
        kontrolna stillsitzen notreatment nointervention hvild odmor pocitek mirovanje puhkus
        odpocinek kontrolni pihenes dinlenme kontrollruhm""",
    "placebo": "placebo plc pla sham scheinbehandlung placebogroup",
    "fir": """
        fir farinfrared farinfraredheat farinfraredsauna farir infrared infrarot infrarouge
        infrarrojo ferninfrarot infrapuna irsauna fircabin firt ir infrarood infrarosso
        infravermelho infrarod podczerwien infrarouges infrarotkabine infrarotsauna
        infraroodsauna infraroodcabine infrarodsauna infrarodbastu infrarojolejano
        infrarougelointain firsauna farinfrarod ifr irsavna infracrvena infrardeca
        infrapunasaun infraszauna infrakabina""",
    "cryo": """
        cryo wbc cryotherapy wholebodycryotherapy wholebodycryo kryo krio kryotherapie
        cryotherapie crioterapia krioterapia kaltekammer pbc partialbodycryotherapy
        cryochamber crio cryosauna criosauna criocamara kriokomora kryoterapi kuldeterapi
        kuldekammer kylkammare kaltetherapie wbct krioterapija krüoteraapia kruoteraapia
        kryokomora""",
    "cwi": """
        cwi coldwaterimmersion coldwater icebath ice eisbad kaltwasser coldbath bainfroid
        aguafria aguagelada acquafredda ijsbad koudwaterbad eaufroide isbad kaldtvann kallbad
        zimnawoda inmersionenaguafria immersioneneaufroide immersioneinacquafredda
        imersaoemaguafria coldwaterbath iceimmersion hladnavoda hladnakopel kuldabad kylmvesi
        kulmvesi kulmavann ledenakupka studenavoda jegesfurdo hidegviz buzbanyosu""",
    "contrast": """
        contrast cwt contrastwater contrastwatertherapy contrasttherapy kontrast contraste
        contrasto wechselbad wechselbader wisselbad kontrastbad""",
    "sauna": "sauna finnishsauna bastu badstue badstu savna saun szauna",
    "heat": """
        heat hot hotwater hwi hotwaterimmersion heattherapy warme hitze chaleur calor warm
        varme calore caldo quente cieplo warmte""",
    "thermoneutral": "thermoneutral tnwi tn thermoneutralwater neutral tepid",
    "massage": """
        massage mas massagegun percussion percussivemassage massaggio masaje foamrolling masaz
        massagem massaggi masaza massaaz nudd masszazs masaj""",
    "compression": """
        compression comp compressiongarment compressiongarments cg kompression compressione
        intermittentpneumaticcompression ipc compresion compressao kompresja kompresjon
        kompressie compressie boots compressionboots pneumaticcompression kompresija
        kompresijske kompressioon kompresszio""",
    "active": """
        active act activerecovery ar aktiv aktiverholung actif activo attivo cycling activa
        ativa ativo attiva actief aktywny aktywna""",
    "stretching": """
        stretching stretch dehnen estiramiento estiramientos alongamento etirement etirements
        stretchen""",
    "electric": "ems nmes tens electrostimulation",
    "light": "pbm pbmt photobiomodulation laser led lllt",
}
_TREATMENT_OF = {text: name for name, texts in TREATMENTS.items() for text in texts.split()}


def treatment(label: str) -> str | None:
    """Return the treatment that a label names, or None where it names none that is known."""
    whole = _TREATMENT_OF.get(bare(label))
    if whole is not None:
        return whole
    if len(label.split()) < 2:
        return _compound(bare(label))
    parts = re.findall(r"[a-z0-9]+", plain(label))
    return next((_TREATMENT_OF[each] for each in parts if each in _TREATMENT_OF), None)


def _compound(text: str) -> str | None:
    """Return the treatment with which a long word begins: infrapunasauna, kaltwasserbecken."""
    begun = [known for known in _TREATMENT_OF if len(known) > 6 and text.startswith(known)]
    return _TREATMENT_OF[max(begun, key=len)] if begun else None
