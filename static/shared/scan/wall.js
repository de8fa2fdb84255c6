// A moment as the clock on the wall showed it: "12:41", with the day when it was not today.

export function makeClock(language, timeZone) {
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone });
  return (moment) => {
    const then = new Date(moment);
    const today = day.format(then) === day.format(new Date());
    return today ? time.format(then) : `${day.format(then)} ${time.format(then)}`;
  };
}
