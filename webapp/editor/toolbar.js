import { $ } from '../dom.js';
import { around, heading, list, tickList } from './format.js';

const bold = around('**');
const italic = around('*');

/** The keys of the toolbar's commands, before those of the editor. */
export const formatKeymap = [{ key: 'Mod-b', run: bold }, { key: 'Mod-i', run: italic }];

/** Makes the buttons change the text. Each press is one step of the undo. */
export function toolbar(view, undoManager) {
  for (const [id, command] of Object.entries({ bold, italic, heading, list, 'tick-list': tickList })) {
    $(id).onmousedown = event => event.preventDefault(); // the text keeps the focus, and a phone its keyboard
    $(id).onclick = () => {
      undoManager.stopCapturing();
      command(view);
      undoManager.stopCapturing();
    };
  }
}

/** A reader has no toolbar. */
export function showToolbar(isReadOnly) { $('format').disabled = isReadOnly; }
