/* Replaces the cursors of y-codemirror.next: remote-cursors.js draws them. */

export const yRemoteSelections = [];
export const yRemoteSelectionsTheme = [];
