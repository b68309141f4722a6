/** The address of Tutti, which lets pages of this origin in: java -jar tutti.war --origins http://localhost:5173 */
export const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:8000/';
