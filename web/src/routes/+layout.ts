/** Everything is drawn in the browser: the API serves one static page. */
export const ssr = false;
export const prerender = false;
