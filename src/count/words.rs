//! The English words of hashtags, so that `#mentalhealthatwork` can be taken
//! apart. A tag is taken for several words only where all of it is made of
//! these, so a word that is not here keeps a tag clear. Words that mostly stand
//! inside others (`ant`, `ham`, `able`) are left out on purpose.

/// Words that join others and cannot make a compound by themselves. Sorted.
pub(super) const SMALL: &[&str] = &[
    "a", "all", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "for", "from",
    "go", "has", "have", "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "like",
    "me", "my", "no", "not", "of", "off", "on", "or", "our", "out", "over", "per", "she", "so",
    "than", "that", "the", "their", "them", "they", "this", "to", "uk", "under", "up", "us", "was",
    "we", "what", "when", "who", "why", "will", "with", "you", "your",
];

/// The others. Sorted.
pub(super) const WORDS: &str = "
about abroad abuse academy acceptance access accessibility accessible accident account across act
action active activities activity actually address adopt adopted adoption adult adults advice
adviser advisers affairs affordable africa african after again against ageing agency agenda
agriculture ahead aid aids air airport alarm alarms alcohol alert alerts alive allergy allowance
alone always alzheimers ambassador ambassadors ambition ambulance america american ancient animal
animals anniversary annual another answer anti antibiotic antibiotics antisocial anxiety any anyone
app appeal apply applying apprentice apprentices apprenticeship apprenticeships april architecture
archive archives area armed armistice army art arthritis artist artists arts asia ask asking
assault assessment asset assets assistance assistant assistants asthma athlete attack attendance
attention august autism autistic autumn available aviation award awards aware awareness away babies
baby back badge ball ballot ban bank banking banks bath battle beach beaches beat beautiful beauty
become bed behaviour belfast belief belong benefit benefits best better between beyond bid big
bigger bike bikes bill bills bin bins biodiversity birds birmingham birth births bite black blood
blue board boats body bold bonfire book books boost boosted booster bootcamp bootcamps border
borders bottle bowel box boy boys bradford brain brave bravery bread break breakfast breaking
breast breathe bridge bridges bright brighter brilliant bring bringing bristol britain british
broadband broken brother brown budget build builder builders building buildings bullying bus buses
business businesses buy buying cadets call calling calls calm camera camp campaign campus canal
cancer car carbon card cards care career careers carer carers caring carnival cars case cash
ceasefire celebrate celebrating celebration census center centre century ceremony certificate
cervical challenge champion champions championship chance change changed changer changers changes
changing channel charge charging charities charity charter chat check checks chief child childcare
childhood children childrens choice choices choose christmas church cities citizen citizens
citizenship city civic civil clap class classroom clean cleaner clear climate clinic clinical close
closed clothes club clubs coach coaching coast coastal cold collect collection college colleges
color colour come comes coming commission commitment committee common commons commonwealth
communicate communication communications communities community companies company compassion
complaint complaints computer concern conference confidence confident connect connected connecting
connection conservation consular consultation contact content control conversation cook cooking
cool cooperation coronation corporate corps corruption cost costs couch cough council councillor
councillors councils counselling count counted counter countries country counts county courage
course courses court courts cover covid craft create creating creative creativity credit credits
crime crimes criminal crisis critical crossing crown cruelty cultural culture customer customers
customs cut cuts cyber cycle cycling daily damage dance danger dangerous dangers data date day days
dead deadline deaf deal death debate debt december decide decision decisions defence defend defense
degree deliver delivering delivery demand dementia democracy dental dentist department depression
design designer detective develop developer developers development devolution diabetes dialogue
diet difference different digital dignity dinner diplomacy direct director disabilities disability
disabled disaster discover discovery discrimination disease distance distancing district diverse
diversity diwali doctor doctors dog dogs domestic donate donation donor donors door dose double
down dream dreams dress drink drinking drive driven driver drivers driving drug drugs dry dundee
during each early earn earth earthquake east easter eastern easy eat eating eco ecology economic
economics economy edinburgh educate education educational effect efficiency efficient eid elder
elderly election elections electric electrical electricity electronic elephant embassy emergencies
emergency emissions emotional employ employed employee employees employer employers employment
empower empowered empowering empowerment end ending energy enforcement engage engagement engineer
engineering engineers england english enjoy enjoying enough enterprise enterprises entrepreneur
entrepreneurs environment environmental equal equality equity essential estate ethics ethnic
ethnicity europe european evacuate evacuation evening event events ever every everybody everyday
everyone everything everywhere evidence exam exams excellence excellent exchange excited executive
exercise exhibition expert experts explore export exporters exports eye eyes face facts fair fairer
faith fake fall fallen families family farm farmer farmers farming fashion fast father fathers
favorite favourite february federal feed feel feeling feet female festival field fight fighters
fighting film finance financial find finding fine fire firefighter firefighters fires firework
first fish fishing fit fitness fix flag flexible flight flood flooding floods flow flower flowers
flu fly focus follow food foods foot force forces foreign forest forests forever forget forum
forward foster fostering found foundation fraud free freedom freeport fresh friday friend friendly
friends friendship front fuel full fun fund funding funds further future futures game games gap
garden gardens gas gender general generation genocide get gets getting gift gigabit girl girls give
giving glasgow global goal goals going gold good got gov government governor governors grand
grandparents grant grants great greater green greener greet grid group groups grow growing grown
growth guidance guide gun habitat half hand hands hanukkah happiness happy harassment hard hardship
hate hatred hazard head healing health healthier healthy hear heard hearing heart hearts heat
heating heatwave help helpers helping helpline helps here heritage hero heroes hidden high higher
hire hired hiring historic history hiv hockey holiday holidays holocaust home homeless homelessness
homes honest honor honoring honors honour hope horse hospital hospitals hot hotline hour hours
house household houses housing hub hubs huge human humanitarian humanity hundred hunger hurricane
hurricanes id idea ideas identity iftar illegal illness image imagine immigration immunisation
immunization impact important improve improvement improving inclusion inclusive income increase
independence independent india indian indigenous industrial industry inequality infection inflation
influencer information infrastructure inner innovate innovation innovators inquiry insight
inspection inspiration inspire inspired inspiring institute insulation insurance integrity
intelligence international internet internship internships invest investigation investment investor
involved ireland irish islamophobia island islands issues jab jabs january japan jewish job jobs
jobseeker jobseekers join joined joint journalist journey jubilee july june junior jury just
justice keep keeping key kick kid kids kill kills kind kinder kindness king kingdom kings kit
kitchen knife know knowing knowledge labor labour ladies land landlords lane lanes language
languages large last late later latin launch law laws lawyer lead leader leaders leadership learn
learner learners learning leave leeds left legacy legal leicester lend lessons lest lets letter
letters level levelling levels liberty libraries library licence license life lifeline lifelong
lift light lights limits line link links listen listening literacy litter little live liver
liverpool lives living local locally london loneliness lonely long look looking lost love lovely
low lower loyal luck lucky lunch lung lungs luxury machine made magic make maker makers makes
making malaria male malnutrition management manager managers manchester manufacturing marathon
march marine market markets marriage mask masks maternal maternity maths matter matters may mayor
meal meals mean meaning measles meat media medical medicine medicines meet meeting member members
memorial memories memory men menopause mens mental mentor mentoring mentors merry message messages
metro middle midlands midwife midwives migrant migrants migration mile miles military million
millions mind mindfulness minds minimum minister ministers minority minute minutes missing mission
mobile modern moment monday money month months moon moral more morning mortgage mother mothers
motion mountain mountains move movement movie moving murder museum museums music muslim nation
national nations native natural nature naval navy near need needed needs neighbor neighborhood
neighbors neighbour neighbourhood neighbours net network neurodivergent neurodiversity never new
newcastle news next nhs night nights nine nobody noise norfolk north northern nothing notice
nottingham november now nuclear number numbers nurse nurseries nursery nurses nursing nutrition
ocean oceans october office officer officers officials oil old older olympic olympics online only
open opening openness opera opioid opportunities opportunity orange organic organization
organizations organize other others outage outdoor outdoors outreach outside overdose own oxford
paid pain pancake paper parade parent parental parenthood parenting parents park parking parks
parliament parliamentary part partner partners partnership partnerships party passion passover
passport password passwords past path patient patients pay payment payments peace peaceful pension
pensioner pensioners pensions people peoples performance period permission permit person personal
pet pets phishing phone photo photography physical physics pick picker picks piece pilot pioneer
place places plan plane planet planning plans plant plants plastic plastics platinum play player
players playing please pledge poem poems poetry police policing policy polio political politics
polling pollution poor poppy popular population portsmouth positive possible post postal potential
pothole potholes poverty power powered powerful practice pray pregnancy pregnant prepare prepared
preparedness present president pressure prevent preventing prevention price prices pride primary
prince princess prison prisons privacy private prize probation problem procurement product products
professional professionals profit programme programming progress project projects promise promote
property prosecution prosperity prostate protect protected protecting protection protest proud
psychology public pump pumps pupil pupils purple purpose put quality queen queens quest question
questions quick quiet quit quiz race racial racism racist radio rail railway railways rain rainbow
raise raising ramadan rates reach read reader readers readiness reading ready real really rebuild
recall recover recovering recovery recruit recruiting recruitment recycle recycled recycling red
reduce reform refugee refugees region regional register registration regulation relations
relationship relationships relief religion remember remembering remembrance remote renew renewable
renewables rent renters repair report reporting republic research researcher researchers resident
residents resilience resilient resource resources respect responder responders response
responsibility responsible rest restart restore result results retirement return reuse review
reviews revolution ribbon ride right rights rise rising risk risks river rivers road roads role
roles romance room roots round route royal rugby rule rules run runner running rural russia sad
safe safeguarding safely safer safety sailors sale salute same sanctions sanitation saturday save
saved saver saves saving savings says scaleup scam scams scheme school schools science sciences
scientific scientist scientists score scotland scottish screen screening screenings sea search seas
season seat second secret secretary sector secure security see seek seekers self send senior
sentence september serve serves service services serving settlement seven sewage sex shake shape
share shared sharing sheffield shelter shift shop shopping shops short show sick side sight sign
signs silence silver since sing single sister site six size skill skilled skills slave slavery
sleep sleeping slow small smart smarter smile smoke smoking snow soccer social society software
soil solar soldier soldiers solidarity solutions someone something song sons soon soul sound south
southampton southern space spaces speak speaker speaking special specialist speech speed spend
spending spirit spirits sport sporting sports spot spread spring squad staff stage stalking stand
standard standards stars start started starting starts startup state statement station stay staying
steel stem step steps still stock stop stopped stopping stops stories storm storms story strategy
stream street streets strength stress strike strikes stroke strong stronger student students
studies study style success successful suffrage suicide summer summit sun sunday sunflower sunshine
supply support supported supporting supports sure surgery survey survivor survivors sustain
sustainability sustainable sustainably sweet swim swimming swindon switch system systems table take
takes taking talent talents talk talking talks target task tax taxes taxi teach teacher teachers
teaching team teams tech technical technology teen teenage teenagers teeth tell tenant tenants term
terror terrorism test testing text thank thankful thanks theatre then theory therapist therapy
there things think thinking third thought thousand three thrive thriving through thursday ticket
tickets tidy time times tiny tissue tobacco today together tolerance tomorrow tonight too tool
tools top tornado total tour tourism tourist towards town towns track trade trades tradition
traffic trafficking trail train trained trainee trainees training trains tram trams transfer
transform transformation transforming transition transparency transplant transport travel traveller
travelling treasury treat treatment tree trees triathlon tribute trip trouble truck true trust
truth try tuesday tuition tunnel twice two ukraine unaccompanied understand understanding union
unique unite united unity universal universe universities university unlimited unpaid unseen until
upgrade upskill urban urgent use useful user vacancies vacancy vaccinate vaccinated vaccination
vaccinations vaccine vaccines vaisakhi valley value values van vape vaping variety vegan vehicle
vehicles very vet veteran veterans vets victim victims victory video view village violence violent
virtual virus visa visas vision visit visiting visitor visitors visual voice voices volunteer
volunteering volunteers vote voter voters votes voting vulnerable wage wages wait waiting wake
wales walk walking walks want war warm warmer warning warnings wash washing waste watch water
waters wave way wealth wear weather wedding wednesday week weekly weeks weight welcome welfare
wellbeing wellness welsh west western whats wheel wheelchair where white whole wild wildfire
wildfires wildlife win wind winner winners winning winter wish within without woman women womens
wonder wonderful wood woodland woods word words work worker workers working workplace works
workshop workshops world worlds worry worth write writer writers writing wrong year years yellow
yes yoga yorkshire young younger youth zero zone zones
";

/// What makes one word with the word behind it, where there are only two. Sorted.
pub(super) const HEADS: &[&str] = &[
    "after", "anti", "counter", "non", "out", "over", "photo", "post", "radio", "step", "sub",
    "under",
];

/// What makes one word with the word before it, where there are only two. Sorted.
pub(super) const TAILS: &[&str] = &[
    "able", "age", "away", "back", "board", "book", "books", "box", "craft", "down", "fall",
    "falls", "hand", "head", "house", "houses", "land", "lands", "let", "like", "making", "man",
    "men", "piece", "post", "room", "rooms", "ship", "ships", "side", "stand", "time", "times",
    "top", "way", "ways", "wise", "woman", "women", "wood", "woods",
];

/// Words and names that only look like several. Sorted. Their plurals need no
/// entry.
pub(super) const ONE: &str = "
afternoon airfield airlift airplane airsick airspace anybody anyplace anywhere appraise appraising
apprise artwork awesome backdoor backfire backspace backstage backstop backstreet backstroke
backtrack backwash backwasher backwater battlefield bedspread bedspring birthday birthplace
birthright birthweight blackfish bloodbath bloodstream bluebottle boardwalk bodybuilder bodywork
bookcase bookkeeping bookshop boyfriend brainstorm brainwash breadwinner breakthrough breakwater
breastfeed bridgenorth bridgetown campfire campsite carefree caretaking carnation casework
caseworker childbirth childline churchgoing classwork cleansing coachbuilder coachwork coastline
commonplace countermeasure coursework cyberattack cyberbullying cybercrime cybersecurity cyberspace
daybreak daycare daydream daylight deathbed decisionmaker developmental dogfight dogwatch doorstep
downstage downstream downtown downwind earthwork eastfield easygoing ecosystem ecotourism eldercare
evergreen eyeball eyesight eyespot eyestrain eyewash eyewear facelift fairfield fairtrade fairview
fieldwork filmmaker fireball firebreak firefight firefighting firefly firelight fireplace firepower
fireworks floodlight floodwater flyweight foodbank football footbridge footlights footpath footrest
footstep footwear forgettable freestyle freshwater frontispiece frontline frontrunner fundamental
fundraise fundraising furthermore gamechanger gameplay gaslight gasworks goalkeeping goldfish
goodyear grandchild grandchildren grandfather grandmother grandparent greenfield greenpeace
greenwash greenwashing guideline gunfire handball handgun handmade handrail handshake handsome
handwash handwashing handwriting headdress headfirst headlight headline headlong headphone
headstart headstrong headteacher headwater headwear healthcare healthline healthwatch heartbeat
heartbreak heatstroke hereafter hereinafter highfield highlight highrise homebody homecare
homecoming homegrown homemade homeschool homesick homesite hometown homework homeworker homeworking
horsefly horsepower hotspot housebuilder housebuilding housekeeping houseplant housework humankind
hundredweight incarnation jobcentre keyword kickstart kindheart kindred lawmaker lifeblood
lifeboats lifesaver lifesaving lifesize lifestyle lifework lightweight livestock livestream
longbridge longfield lowercase marketplace mayfair mayflower metronome middlesex mindsight
moonlight moonwalk netball networking newbridge newfoundland newmarket newsletter newspaper
newsreader newtown nightclub nightdress nightlife nightshift nightwear nineteen northeast
northeastern northfield northlight northwest northwestern nowadays nowhere paperweight paperwork
parkinsons parkrun pathfinding paycheck payphone peacekeeping peacemaker piecemeal planetoid
planking playboy playgroup playwork policymaker quickstep racecourse racewalking railcard railroad
rainforest rainstorm rainwater readdress readjust readmission reallow redaction redbridge
rediscount redistribute redstart restrain riverbank riverfront roadshow roadtrip roadwork roleplay
roundabout roundtable runaround safekeeping schoolboy schoolgirl schoolteacher schoolteaching
schoolwork screenplay screenwriter seacoast seafood seafront sealife seaplane searchlight seasick
seeking seventeen shopkeeping shortbread shortcoming shortcut shortstop showcase sidecar sideline
sidestep sidetrack sidewalk sightsee sixteen skillshare sleepwalk smartcard smartphone smokefree
snowball snowbank snowmobile snowstorm someplace sometimes somewhere songwriter soundbite
soundtrack southbank southeast southeastern southend southfield southwest southwestern spaceflight
spacewalk sportswear spotlight springfield stagecoach standalone standstill stillbirth stockcar
stocktake stocktaking stopwatch stormwater storyline streamline streetcar streetlight streetwalking
summerfield sundance sunfish sunlight sunrise sunscreen sunspot sunstroke sweetheart sweetshop
swimwear taskforce teamwork thanksgiving thereafter therefrom thereinafter thereof thereupon
threesome throughput timekeeping timeline timesaving timeshare timetable toolkit topsoil
tradespeople tradesperson transferred treeline tripart troublesome trustpilot wakefield walesonline
walkabout walkthrough warpath warplane washday wastepaper wastewater watchdog watchmaker watchword
watercolour waterfront waterline watersports waterworks waybill wayfinding weekday weekend weeklong
weeknight westend westfield whatsapp whatsoever whereupon whitefield whitewash wholefood wholesale
wholesome wildcard wildflower windbreak windscreen windstorm woodbridge woodstock woodwork
woodworking wordplay workaround workday workflow workforce workpeople workplaces workspace
workstation workstream worldview yearlong
";
