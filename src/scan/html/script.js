// Sorts and filters the tables; the report is whole without it.
(function () {
  "use strict";

  function value(row, at) {
    var cell = row.cells[at];
    if (!cell) { return ""; }
    var figure = cell.getAttribute("data-sort");
    return figure === null ? cell.textContent : Number(figure);
  }

  function sortable(table, said) {
    var body = table.tBodies[0];
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, at) {
      if (head.tagName !== "TH") { return; }
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var before = head.getAttribute("aria-sort");
        // Of figures, the largest are asked for first.
        var first = head.classList.contains("figure") ? "descending" : "ascending";
        var other = first === "ascending" ? "descending" : "ascending";
        var order = before === first ? other : first;
        var sign = order === "ascending" ? 1 : -1;
        var words = new Intl.Collator("en", { numeric: true });
        var rows = Array.prototype.map.call(body.rows, function (row, place) {
          return { row: row, value: value(row, at), place: place };
        });
        rows.sort(function (one, two) {
          var by = typeof one.value === "number" && typeof two.value === "number"
            ? one.value - two.value
            : words.compare(String(one.value), String(two.value));
          return sign * by || one.place - two.place;
        });
        var sorted = document.createDocumentFragment();
        rows.forEach(function (entry) { sorted.appendChild(entry.row); });
        body.appendChild(sorted);
        heads.forEach(function (each) { each.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", order);
        said.textContent = "Sorted by " + button.textContent + ", " + order + ".";
      });
    });
  }

  function labelled(text, control) {
    var label = document.createElement("label");
    label.appendChild(document.createTextNode(text));
    label.appendChild(control);
    return label;
  }

  function filterable(table, tools, said) {
    var rows = Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      return { row: row, text: row.textContent.toLowerCase() };
    });
    var choosing = table.tHead.rows[0].querySelector("[data-choose]");
    if (rows.length < (choosing ? 8 : 30)) { return; }
    var input = document.createElement("input");
    input.type = "search";
    var choices = [];

    function filter() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (entry) {
        var fits = words.every(function (word) { return entry.text.indexOf(word) >= 0; }) &&
          choices.every(function (choice) {
            return choice.select.value === "" ||
              choice.values[choice.select.selectedIndex - 1] ===
                entry.row.cells[choice.at].textContent;
          });
        entry.row.hidden = !fits;
        if (fits) { shown += 1; }
      });
      said.textContent = shown === rows.length
        ? "All " + rows.length + " rows are shown."
        : shown + " of " + rows.length + " rows are shown.";
    }

    tools.appendChild(labelled("Show only rows with the words", input));
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, at) {
      if (!head.hasAttribute("data-choose")) { return; }
      var known = new Set();
      rows.forEach(function (entry) { known.add(entry.row.cells[at].textContent); });
      if (known.size < 2 || known.size > 200) { return; }
      var values = Array.from(known).sort();
      var select = document.createElement("select");
      select.add(new Option("all", ""));
      values.forEach(function (each, number) {
        select.add(new Option(each || "(none)", String(number + 1)));
      });
      choices.push({ at: at, select: select, values: values });
      tools.appendChild(labelled(head.textContent, select));
      select.addEventListener("change", filter);
    });
    var later;
    input.addEventListener("input", function () {
      clearTimeout(later);
      later = setTimeout(filter, 150);
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll("main table"), function (table) {
    if (table.tBodies[0].rows.length < 2) { return; }
    var tools = document.createElement("div");
    tools.className = "tools";
    var said = document.createElement("output");
    said.setAttribute("aria-live", "polite");
    filterable(table, tools, said);
    sortable(table, said);
    tools.appendChild(said);
    table.parentNode.parentNode.insertBefore(tools, table.parentNode);
  });

  // Only what can be scrolled is a stop for the keyboard.
  function stops() {
    Array.prototype.forEach.call(document.querySelectorAll(".scroll"), function (box) {
      if (box.scrollWidth > box.clientWidth) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }
  stops();
  window.addEventListener("resize", stops);
})();
