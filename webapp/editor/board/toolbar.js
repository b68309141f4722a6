import { $ } from '../../dom.js';

/** The bar with the tools, and the buttons of the view. */
export class Toolbar {
  #view;

  /** @param view the BoardView */
  constructor(view) {
    this.#view = view;
    for (const radio of document.querySelectorAll('input[name="tool"]')) radio.onchange = () => view.useTool(radio.value);
    for (const radio of document.querySelectorAll('input[name="color"]')) radio.onchange = () => view.useColor(radio.value);
    $('add').onclick = () => view.addNote();
    for (const what of ['undo', 'redo']) {
      $(what).onclick = () => {
        view.items[what]();
        if ($(what).disabled) $('stage').focus(); // a disabled button loses the focus
      };
    }
    view.items.addEventListener('history', () => this.#showHistory());
    const { stage } = view;
    $('zoom-in').onclick = () => stage.zoomIn();
    $('zoom-out').onclick = () => stage.zoomOut();
    $('zoom-all').onclick = () => view.showAll();
    for (const event of ['view', 'scale']) stage.addEventListener(event, () => this.#showScale());
    this.#showHistory();
    this.#showScale();
  }

  showTool(tool) { check('tool', tool); }
  showColor(color) { check('color', color); }

  /** Disables what a full board cannot do. */
  showFull(isFull) {
    $('add').disabled = isFull;
    document.querySelector('input[name="tool"][value="pen"]').disabled = isFull;
    if (isFull && this.#view.tool === 'pen') this.#view.useTool('move');
  }

  #showHistory() {
    $('undo').disabled = !this.#view.items.canUndo;
    $('redo').disabled = !this.#view.items.canRedo;
  }

  #showScale() {
    $('zoom-scale').textContent = `${Math.round(this.#view.stage.shownScale * 100)} %`;
  }
}

function check(name, value) {
  document.querySelector(`input[name="${name}"][value="${value}"]`).checked = true;
}
