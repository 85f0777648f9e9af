//! How often English words are met. Phrases are found through their rarest part.

use rustc_hash::FxHashMap;

/// How often words are met.
pub struct Frequency {
    per_million: FxHashMap<&'static str, u64>,
}

impl Frequency {
    /// Reads the table.
    pub fn new() -> Self {
        let words = CLASSES
            .iter()
            .flat_map(|(often, words)| words.split_whitespace().map(|word| (word, *often)));
        Self { per_million: words.collect() }
    }

    /// The words in the table, in no order.
    #[allow(clippy::iter_over_hash_type, reason = "callers sort them")]
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.per_million.keys().copied()
    }

    /// Roughly how often a word is met in a million words of notes, posts, news and
    /// reference works; only the order matters. A word that is not in the table is
    /// rare.
    pub fn per_million(&self, word: &str) -> u64 {
        /// Names, terms and misspellings.
        const RARE: u64 = 4;
        // Numbers and single letters stand everywhere.
        if word.len() < 2 || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return 2_000;
        }
        self.per_million.get(word).copied().unwrap_or(RARE)
    }
}

/// Words by how often they are met, counted over texts in the public domain and
/// the test texts of this project.
#[rustfmt::skip]
const CLASSES: &[(u64, &str)] = &[
    (64_000, "
the
"),
    (32_000, "
of to
"),
    (16_000, "
a and in
"),
    (8_000, "
at for i is it on that this you
"),
    (4_000, "
are as be but by from has have he his not was with your
"),
    (2_000, "
about after all an been can gov had her if me more my new no one or our out said says she so
their they two up us we were what when which who will
"),
    (1_000, "
also asked back because before could day do down first get go good government here him how into
its just know last like made make may most mr need now number off only other over people right s
say see should some take than them then there these three through time today use very wants way
well work world would year
"),
    (500, "
again against always am american another any around ask being best between black both c call
called came change check city come country days did does during each end even ever every family
film find fire form found four free friday full general give going got great group half head
help high home house international keep left let life list little long look love man many
minister morning movie much must name national never next night nothing office official old open
own page part per place please pm public put re really report same school second secretary
security sent service set show since social south st staff state states still style such support
team tell text th think those told too u under united until used w want war water week went
where while white why without years
"),
    (250, "
account across act action address afghanistan african age air align along already although
america anything apply april area areas army art asian asylum australia australian away b baby
background bad bank based became believe below better big bill bin bit board body book born
bring british brought budget building bus business calls car card care case category cause
center centre century child children chinese church claim close closed club co comes committee
common community company contact control council countries county court cui cut d data date
decision desk development different done door draft due e early east economic education energy
english enough european everyone everything example eyes f face fair far federal feel few file
five flood follow following food force forces foreign former french friend friends further gave
girl given god goes grant greek green hall hand hard having health hear held hi himself history
hold hour hours however human id important including indian information instead interest israeli
job jobs john june k killed king known labour lane language large late later law lead least
leave less letter level light line link live local looking lost lot low m major making male
manager march market mean meet meeting member members men met might military million minutes
monday money month months mother move moved muslim n nations nbsp near needs news non north
numbers officer often oh once online order org others p palestinian paper parents park party
passed passport past pay peace person phone photo photos plan play point police policy political
population possible post power president press private process questions race rather read real
red reform rest review rights ring risk river road room run runs safe safety saw sea secret seen
send september services several share short side signed site six small someone something sorry
space special start station stay stop story street strong sunday sure system t table taken takes
talk tax term test thanks thing things third though thought thumb till times together took top
trade training travel try turn tv type union university using v visit vote wait watch weekend
west whether whole wife within woman women word working works wrong x yeah yet york young
"),
    (120, "
able above accepted access according acting activities actually add added advice afghan africa
afternoon agency ago agreed agreement ahead airport al alabama alerts allow almost alone
americans among amount angola animal announced answer answered anti anyone apollo apparently
appeal application arafat arrest arrived article asia asking assembly assessment assistance
attached attack attacks attended attention august authorities authority available average avoid
badge bag base basis battle bay beautiful become began beginning behind believed beyond billion
birth block blood blue boat boiler booked books boss box boy break breakfast bridge brilliant
britain broken brown built caller campaign cannot capital captured career carried cases catholic
cent central certain chair chance changed changes character characters charge chief china
christian christmas citizen civil claims class clean clear climate coast code coffee cold
colleague college com coming comment comments commission conditions conference confidential
confirmed congress conservative consider considered continue contract controlled conversation
cost costs couple course cover create created credit crew crime crisis cross cultural current
dad daily damage dates daughter david de dead deal death debt december decided defence
department depot deputy despite details developed died difficult dinner direct director district
dog doing doors dr drink drive drop duty earlier earth eastern easy eat economy effect efforts
eight either elected election else email emergency england enjoy entry environment especially
established ethnic ethnicity eu europe evening event events evidence ex exercise expect expected
experience eye facebook fact failed faith fall families fast father favorite february feet fell
fema female field fight figures films final finally finance financial fine flight followed foot
football forms forward fouo france front fuel fun funny future g game games garden gas gate
generation george german gets getting girls gives giving global gold gone gonna greater grew
ground groups growth guard guidance guide guy guys h haha hair hands happy heard heart heritage
hey higher hit homes hope horse hospital hot housing huge husband idea include included increase
india inside institute insurance interested interview invite irish islamic island israel issue
issues itself j january jewish join july justice kept key kids kill kind knew knows l la laden
lady land languages largest latin lay leader leaders leading leaflets league learn led legal
letters levels library liked likely lincoln lines linkedin lives living location london longer
looked looks lord lose loss lovely lower lunch main makes management map mark mass match matter
maybe means measures media medical meetings message mid middle mind mins missing mission mixed
mobile modern mostly movement movies moving mp mrs ms mum music named names nation native
natural necessary needed nhs nice nine nobody none noon northern note notes notice novel
november nuclear o ocean october offer offered officers officials oil ok okay ones ons opened
opening ordered original outside overnight owner pacific paid panel paris parking parliament
particular particularly parties partner parts pass payment percent performance period personal
peter pick picture placed places plain planning plans plant played playing points polish poor
port position posted posts pp prefers present pressure pretty price prime prince print probably
problem problems production profile program programme project property proud provide provided
publications published pulled putting px q qaeda query question quick quite quote r radio raised
ran rang rate rates rd reach reached reading ready rear reason receipt received recent reception
record recorded region regional register rejected related relationship release religion
religious remain remember replied reply reported reports republic request requested required
research resolution resources respect response restaurant restricted result results return
returned role round route royal rule rules running rural russian sat saturday save saying scene
scheme schools science screen search season seems self senior sense sensitive series serious
served session seven sex shall shared shelter shift shop shot shows sign significant signs
similar simple single sister situation slides slow smoke society sometimes son song soon source
southern spanish speaking species specific spending spoke spring stage stall stand standard
standards standing star started starts statement statistics status stock stopped store storm
strategy study subject suicide summary summer survey sydney systems taking taliban talking talks
teams technology temple ten terms terrible territory thank themselves thinking thursday thus
tickets title tomorrow tonight toronto total towards town train transport tried troops true
trying tues tuesday turkish turned twice understand unit update updated upon uscis usually value
van various version via video view visa volunteers waiting wales walk wall wanna wanted ward
warning washington waste watching ways weather wedding wednesday weds weeks welcome welsh
western whose win winter won words worked workers worst worth write writing written wrote yes
yesterday yours yourself z zone
"),
    (60, "
ability abortion absence absolute absolutely academy accept accompanied accounts accused
achilles acid actions active activity actor actors acts addition additional admin administration
adopted adult advised advisory affairs affect affected afraid agassi aged agencies agenda agree
agricultural agriculture ah aid aircraft airlines alarm alaska albania albanian alberta album
alexander alkali allowance allowed alphabet amazing ambulance analysis anarchism anarchist
ancient angeles animals animation annual answers anthropology anyway app appeals appear appeared
appears applications applied appointed appointment approach appropriate approved appt arab
arabic aristotle armed arms arrested articles asks associated association atheist atlantic
atomic attempt attend aug author autism award awarded awards azerbaijan badger balance ball
ballot baltimore ban band banks baptist bar basic bathroom bc beat beauty becoming bed begin
begins behalf believes benefit benefits bid biggest bike bins bird birthday bishop boating boats
bodies bond bora border borders boston bottom bought boys branch brazil brief briefing bringing
broke brother brothers buddhist build buildings bureau burn bush businesses busy buy cabinet
cable cafe calendar california calling camera camp canada canadian cancelled cancer candidate
candidates cap capacity captain carbon cards carer carers caribbean carrier carry carrying cash
cast castle cat catch caterer caught caused cbp census ceremony certainly certificate cff chain
chairman chairs challenge chamber chancellor channel chap chapter charged charles chart chase
chased chat checkpoint checks chemical cherokee chicago chicken childcare choice choir choose
circumstances cities citizens claimed classic clearly clerk click clinic cllr closing closure
clothes clubs coach coastguard collected collection color colour combined comedy comfortable
command commerce commercial commons comms communities companies compared competition complained
complaint complete completed completely complex computer concept concern concerned condition
confidence confident confirm confirmation conflict connection consent conservatives constitution
construction consultation contacted contain context continued continuing convention converted
convoy cool cooperation copies copy correct counter counts courts covered covers criminal
crossing crowd culture cup currently customers customs cuts cutting dance dark deadline dean
dear deaths debate decade decades decide decisions deck declaration declared declined deep
defense defined definitely degree delay delayed deliver delivered delivery democracy democratic
democrats deposit descent described deserve design designed determined develop developing devout
dhs diary die difference digital direction directly disappointed disaster discovered discussed
disease dispute distribution division dm dob dock doctor document documents dogs domestic donald
dont double dream driver drivers driving dropped drug dry dual dutch earthquake easily easter
eating ed edge edition effective effects effort eggs egyptian eid einstein elections elements em
emailed embassy empire employees employment ended ending ends enforcement enron ensure enter
entered entire environmental equal equipment era essential estimate estimated et etc evaluation
eventually everybody exactly excellent except exchange executive exhibit explain explained
export expressed extended external extra extremely factors failure fake fallen false famous fan
farm farmers faster fasting fault fear feature features fee feed feeling fees fellow felt fence
ferry fighters fighting figure filing fill finding finish finished firefighters fires firing
firm firms fiscal fish fishing fit fix fixed flag flat flooding floor florida flu fly flying
focus folder forced forget formed forty forum founded fourth framework fraud freedom fresh fri
friendly fully fund funeral gallery gandhi gates gaza gdp generally gentleman germany giant
glass goal golden gotta governments governor grade grand grandparents greatest grounds growing
guess gujarati gun gym halal hamas handle handling hang happen happened hate heads hearing heat
heavy height hell helped helpful helping helpline henry herself hidden highest highly highway
hill hindu hispanic hmong hmrc holding holds holiday hollywood honestly horror host hotel
household hrs htm html hull hundred hundreds hunting hurricane hurt ic ice ideas identified
idiot ii image immediately impact implementation import importance improve inbox includes income
increased increasing indeed independence independent index individual individuals industrial
industry influence informed injured injuries inquiry inspection institutions intake intelligence
interesting interests interim internal internet interpreter introduced investigation investment
invited involved iran iraq ireland iris isbn islam islands issued italian italy item james japan
japanese joined joining joke jordan journal judge judgment keen keeping keeps kew keys killing
kingdom kiss kit kitchen knowledge kosher labor lack lad lake landlord largely larger laugh
launch launched laws leadership leads leaflet leak learned leaving lee leeds legs lei length
lent lessons levy liar lib liberal licence license lie lift lifted lightblue lights likes limit
limited limits links listed listen lived loading located locked log logged login logistics lol
los lots loud loved lunar lying machine mad mail maintain maintenance majority marked markets
marriage married massive master material matters mayor meaning meant meanwhile melbourne memory
mention mentioned menu messages metal metals meter method methodist methods metres mexican
mexico michael mile miles militants mill min mine ministers minute miss missed model moment mon
monitoring moon mosque motion mountain mountains mouth murder museum myself nationality nature
navy nd nearly negative negotiations neighbour neither net network nights nor normal noted
nursery objects oct offices older onto opens operation operations opinion opportunity opposition
options organization organizations origin originally orthodox osama otherwise outage overall
overflow owns pack pages paint pair pakistan palace papers parade paragraph parcel passes
passing password path patrol paul paying payments pdf penny pension pensions perfect perhaps
permanent permit personally personnel persons perth philosophy phones physical pictures piece
pier pilot pip pitch planned plants player plays plenty plot pls plus po pointed policies
politics popular pork portuguese positive poster posters potential poverty powerful powers
practice practices prayers prays pre prepared presence presented prevent previous previously
prices priest primary princess principle principles printer prior prison privacy prize
procurement produce produced product products professional programs progress projects promised
proof proposed protect protection protocol province pull punjabi purpose qantas quaker quality
quarter quarterly queen queue quickly quiet rail rain raise ramadan range reader reasons receive
recently recommend recommendations records recovery reduce ref refer referred reforms refund
refused regard regions registration relations relative released relevant relief remained remains
reminder remove removed rep replaced replacement reporter representation representative
representatives republican requires residents respond responsibility responsible retired returns
reviewed revolution rich richard ride rise roads robert rock roll roman roof roots rose rota row
rt russia saturdays saudi saved scale scam scenes schedule scheduled schopenhauer scientific
score scotland scottish screening script searched seat seats section sector secure seeing seek
seekers seeking seem seemed seized senate senator sentence separate sept serve sets setting
settled settlement severe sexual sharing sharon sheet ship shit shoes showed showing shown shut
sick sides sight signing sikh silver simply sings sir siren sit sites sitting size skills skin
skinned sleep slightly slot slots smaller smile smith snow snp soldiers solution somali
somewhere sons sort sound sources soviet sp spain spare speak speaker speech spend spent spirit
spokesman sports spot spread ssn staffing stars starting stated statements staying step steps
stick stickers stood stories straight strike strikes strip struck structure stuck student
students studies stuff stupid sub success successful sugar suggest suggested sun sundays
supplier supply supported surface swedish sweet swiss tables tag talked tall tape target tariff
taxes taxi tea teacher teachers technical telegram television telling temperature template
tennis terminal territories terrorism terrorist testing tests texas thai theory therefore thick
thomas thoughts thousands thread threat throughout throw thurs ticket ties til tired tom tool
tora tories totally touch tour toward track trading traditional traffic trail transfer transit
traveller treat treatment treaty tree trees trial trip trouble truck trust truth tsa turning
turnout turns types typically uh un understanding understood unemployment unions universal
unknown unless updates ur useful useless user users uses usual utility valley values variety vat
vehicle vehicles venue vessel vice victims victory viewed views village violence visible visited
visitor visits voice volume volunteer wake walked walking warm watched wave weak weapons wear
wears web website weekly weight whatever whom wide wiki wikitext wild william williams wind
window winds wine wing winner winning wish witness witnesses wont wood worker worried worry
worse y ya yasser yoruba youth yr zero
"),
];
