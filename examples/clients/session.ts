/** Address of the API, set when the page is built. */
export const apiUrl: string = import.meta.env.VITE_ROOKERY_URL;

/** Keeps the token that `logIn` or `signUp` returned. */
export const signIn = (token: string): void => sessionStorage.setItem('token', token);

/** Header of a signed-in request. Reads the token each time, because a new login replaces it. */
export const authorization = (): Record<string, string> => {
  const token = sessionStorage.getItem('token');
  return token === null ? {} : { authorization: `Bearer ${token}` };
};
