// A paper list typed in by keyboard alone. Without this module the page has a fixed number of rows and works all the same.
//
// Enter begins the next row, Shift+Enter goes back one; the arrows move between cells; Ctrl+Enter saves. The last row grows another.
// Cells copied from a spreadsheet spread out from where they are pasted.

for (const table of document.querySelectorAll("table[data-grid]")) {
  const body = table.tBodies[0];
  const template = document.getElementById(table.dataset.grid);
  const mostRows = Number(table.dataset.mostRows);

  const rows = () => [...body.querySelectorAll("tr[data-row]")];
  const cells = (row) => [...row.querySelectorAll("input[data-cell]")];
  const rowOf = (cell) => cell.closest("tr[data-row]");

  // crypto.randomUUID is missing on pages that come without https, as on a field laptop's own network.
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function addRow() {
    const count = rows().length;
    if (count >= mostRows) return null;
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector("[name=row_id]").value = newId();
    row.querySelector("[data-number]").textContent = count + 1;
    for (const cell of cells(row)) cell.setAttribute("aria-label", `${cell.getAttribute("aria-label")} ${count + 1}`);
    body.append(row);
    return row;
  }

  function go(cell) {
    if (!cell) return;
    cell.focus();
    cell.select();
  }

  function toRow(from, step, column) {
    const all = rows();
    const row = all[all.indexOf(from) + step] ?? (step > 0 ? addRow() : null);
    if (row) go(cells(row)[column]);
  }

  body.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches("input[data-cell]") || event.isComposing || event.altKey) return;
    const row = rowOf(cell);
    const inRow = cells(row);
    const column = inRow.indexOf(cell);
    const isWhole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    const atStart = cell.selectionEnd === 0 || isWhole;
    const atEnd = cell.selectionStart === cell.value.length || isWhole;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      table.closest("form").requestSubmit(document.querySelector("[data-save]"));
    } else if (event.key === "Enter") toRow(row, event.shiftKey ? -1 : 1, 0);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    else if (event.key === "ArrowDown") toRow(row, 1, column);
    else if (event.key === "ArrowUp") toRow(row, -1, column);
    else if (event.key === "ArrowRight" && atEnd) go(inRow[column + 1]);
    else if (event.key === "ArrowLeft" && atStart) go(inRow[column - 1]);
    else return;
    event.preventDefault();
  });

  body.addEventListener("input", (event) => {
    event.target.removeAttribute("aria-invalid");
    const all = rows();
    if (rowOf(event.target) === all[all.length - 1]) addRow();
  });

  // Text as spreadsheets copy it: tabs between cells, lines between rows, quotes around cells that hold either.
  function parse(text) {
    const found = [[""]];
    let isQuoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const sign = text[at];
      const row = found[found.length - 1];
      if (isQuoted && sign === '"' && text[at + 1] === '"') { row[row.length - 1] += '"'; at += 1; }
      else if (isQuoted && sign === '"') isQuoted = false;
      else if (isQuoted) row[row.length - 1] += sign === "\n" || sign === "\r" ? " " : sign;
      else if (sign === '"' && row[row.length - 1] === "") isQuoted = true;
      else if (sign === "\t") row.push("");
      else if (sign === "\n") found.push([""]);
      else if (sign !== "\r") row[row.length - 1] += sign;
    }
    if (found.length > 1 && found[found.length - 1].join("") === "") found.pop();
    return found;
  }

  body.addEventListener("paste", (event) => {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.matches("input[data-cell]") || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const column = cells(rowOf(cell)).indexOf(cell);
    let place = rows().indexOf(rowOf(cell));
    let last = cell;
    for (const texts of parse(text)) {
      const row = rows()[place] ?? addRow();
      if (!row) break;
      texts.forEach((value, offset) => {
        const target = cells(row)[column + offset];
        if (!target) return;
        target.value = value.trim();
        target.removeAttribute("aria-invalid");
        last = target;
      });
      place += 1;
    }
    if (!rows()[place]) addRow();
    go(last);
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
