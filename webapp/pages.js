/** Whether the document pages exist. Their build, in editor/, replaces this file by one that says true. */
export const documents = false;
