package org.sallyport.device.rtc;

import static org.sallyport.device.rtc.RtcRegisters.*;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;

/**
 * The time and calendar bytes of the chip: binary or BCD, 12 or 24 hours, as register B says at the moment (datasheet,
 * "Time, Calendar, and Alarm Locations"). They are the time; nothing else keeps it. Bytes that are no time count as the
 * nearest that is one.
 */
final class TimeOfDay {
  private static final int DAY = 86_400;

  private final byte[] cmos;

  TimeOfDay(byte[] cmos) {
    this.cmos = cmos;
  }

  void set(LocalDateTime time) {
    setTime(time.toLocalTime().toSecondOfDay());
    setDate(time.toLocalDate());
    cmos[DAY_OF_WEEK] = encode(time.getDayOfWeek().getValue() % 7 + 1);
  }

  /**
   * Moves the time on.
   *
   * @param seconds at least 1
   * @return whether the alarm matched one of the new seconds
   */
  boolean advance(long seconds) {
    int time = secondOfDay();
    boolean alarm = alarmWithin(time + 1, time + (int) Math.min(seconds, DAY));
    long days = (time + seconds) / DAY;
    setTime((int) ((time + seconds) % DAY));
    if (days > 0) {
      setDate(date().plusDays(days));
      int dayOfWeek = decode(DAY_OF_WEEK);
      if (dayOfWeek >= 1 && dayOfWeek <= 7) {
        cmos[DAY_OF_WEEK] = encode((int) ((dayOfWeek - 1 + days) % 7) + 1);
      }
    }
    return alarm;
  }

  /** Whether the alarm matches a second from {@code first} to {@code last}, which may be in the next day. */
  private boolean alarmWithin(int first, int last) {
    int second = first;
    while (second <= last) {
      if (!alarmMatches(HOURS_ALARM, encodeHour(second / 3600 % 24))) {
        second += 3600 - second % 3600;
      } else if (!alarmMatches(MINUTES_ALARM, encode(second / 60 % 60))) {
        second += 60 - second % 60;
      } else if (!alarmMatches(SECONDS_ALARM, encode(second % 60))) {
        second++;
      } else {
        return true;
      }
    }
    return false;
  }

  private boolean alarmMatches(int register, byte value) {
    return (cmos[register] & ALARM_ANY) == ALARM_ANY || cmos[register] == value;
  }

  private int secondOfDay() {
    return hour() * 3600 + Math.min(decode(MINUTES), 59) * 60 + Math.min(decode(SECONDS), 59);
  }

  private void setTime(int time) {
    cmos[SECONDS] = encode(time % 60);
    cmos[MINUTES] = encode(time / 60 % 60);
    cmos[HOURS] = encodeHour(time / 3600);
  }

  private LocalDate date() {
    int year = Math.min(decode(CENTURY), 99) * 100 + Math.min(decode(YEAR), 99);
    int month = Math.clamp(decode(MONTH), 1, 12);
    return LocalDate.of(year, month, Math.clamp(decode(DATE), 1, YearMonth.of(year, month).lengthOfMonth()));
  }

  private void setDate(LocalDate date) {
    cmos[CENTURY] = encode(date.getYear() / 100 % 100);
    cmos[YEAR] = encode(date.getYear() % 100);
    cmos[MONTH] = encode(date.getMonthValue());
    cmos[DATE] = encode(date.getDayOfMonth());
  }

  private int hour() {
    if ((cmos[B] & B_24) != 0) {
      return Math.min(decode(HOURS), 23);
    }
    int hour = decodeValue(cmos[HOURS] & ~HOURS_PM & 0xff) % 12;
    return (cmos[HOURS] & HOURS_PM) != 0 ? hour + 12 : hour;
  }

  private byte encodeHour(int hour) {
    if ((cmos[B] & B_24) != 0) {
      return encode(hour);
    }
    int shown = encode(hour % 12 == 0 ? 12 : hour % 12);
    return (byte) (hour >= 12 ? shown | HOURS_PM : shown);
  }

  private byte encode(int value) {
    return (byte) ((cmos[B] & B_DM) != 0 ? value : value / 10 << 4 | value % 10);
  }

  private int decode(int register) {
    return decodeValue(cmos[register] & 0xff);
  }

  private int decodeValue(int raw) {
    return (cmos[B] & B_DM) != 0 ? raw : (raw >> 4) * 10 + (raw & 15);
  }
}
