//! Notes to measure on.

/// Notes in the manner of a contact database, made up: the same every time.
pub fn notes(size: usize) -> String {
    const OPENINGS: [&str; 10] = [
        "Spoke to",
        "Rang",
        "Letter from",
        "Left a message for",
        "Wrote to",
        "E-mail from",
        "Reply to",
        "Visited",
        "Follow-up with",
        "Introduced to",
    ];
    const WHO: [&str; 12] = [
        "the office manager",
        "Mr Adeyemi",
        "the secretary of the residents' group",
        "Dr Black",
        "the press desk",
        "the permit desk",
        "a gentleman who gave no name",
        "the deputy director",
        "Christian Okafor",
        "the new volunteer",
        "the bus operator",
        "the harbour master",
    ];
    const ABOUT: [&str; 16] = [
        "about the flood grant",
        "regarding the white paper and the consultation",
        "about access to the church hall on Temple Street",
        "concerning the timetable for the ferry",
        "about parking behind the depot",
        "to confirm the meeting next Thursday",
        "about the Polish translation of the leaflet",
        "concerning the contract for grass cutting",
        "about the broken gate at the allotments",
        "regarding interpreters for the town meeting",
        "about the budget and the staff rota",
        "to say the form arrived safely",
        "concerning the training week in March",
        "about the visit to the lighthouse",
        "concerning noise from the quarry",
        "about street lamps that stay dark",
    ];
    const CLOSINGS: [&str; 10] = [
        "Prefers mornings.",
        "Expects an answer on Thursday.",
        "Sent the link; nothing back yet.",
        "Happy with the answer.",
        "Wants it in writing.",
        "She is a practising Catholic.",
        "Very helpful, knows the area well.",
        "Would rather see the figures first.",
        "Of Punjabi descent, speaks for the traders.",
        "No further action.",
    ];
    let mut state: u64 = 0x5eed;
    let mut pick = |count: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % count
    };
    let mut out = String::with_capacity(size + 200);
    while out.len() < size {
        for words in [OPENINGS[pick(10)], WHO[pick(12)], ABOUT[pick(16)]] {
            out.push_str(words);
            out.push(' ');
        }
        out.pop();
        out.push_str(". ");
        // Most notes end in something harmless.
        let closing = pick(10);
        out.push_str(CLOSINGS[if matches!(closing, 5 | 8) && pick(6) > 0 { 9 } else { closing }]);
        out.push('\n');
    }
    out
}
