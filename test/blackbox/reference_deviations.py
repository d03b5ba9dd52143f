"""What Mosquitto 2.0.11 does otherwise, by test. Each was read against the
specification; "free" marks what the specification leaves to the server and
Hetzel has decided."""

DEVIATIONS = {
    "test_client_id.ClientId.test_longer_than_the_limit":
        "free: no limit",
    "test_client_mqttjs.MqttJs.test_reasons_reach_it":
        "no DISCONNECT 0x8E when the old session ends too",
    "test_connect.Refused.test_a_malformed_connect_of_5_gets_a_reason":
        "free: closes without CONNACK",
    "test_connect.Refused.test_a_second_connect":
        "closes without DISCONNECT 0x82",
    "test_connect.Refused.test_an_unknown_protocol_level":
        "free: allows the bridge levels 132 and 133",
    "test_connect.Refused.test_property_faults":
        "takes Authentication Data without a method",
    "test_expiry.Expiry.test_a_full_window_lets_it_expire":
        "an expired message keeps the ones behind it waiting",
    "test_expiry.Expiry.test_what_was_sent_does_not_expire":
        "expires what was sent already [MQTT-4.3.3-7]",
    "test_flow_control.ClientWindow.test_no_more_than_receive_maximum":
        "exceeds Receive Maximum after acknowledgements out of order",
    "test_flow_control.ClientWindow.test_the_default_is_65535":
        "free: its own window is 20",
    "test_flow_control.ServerWindow.test_exceeding_it":
        "PUBREC 0x97 where 3.3.4 wants DISCONNECT 0x93",
    "test_hostile_peer.Greedy.test_a_storm_of_subscriptions":
        "free: no limit",
    "test_keep_alive.KeepAlive.test_a_part_of_a_packet_is_no_packet":
        "checks keep alive every five seconds",
    "test_keep_alive.KeepAlive.test_a_silent_client_is_closed":
        "checks keep alive every five seconds",
    "test_keep_alive.KeepAlive.test_any_packet_keeps_it_alive":
        "checks keep alive every five seconds",
    "test_keep_alive.KeepAlive.test_the_will_of_a_silent_client":
        "checks keep alive every five seconds",
    "test_keep_alive.KeepAlive.test_what_the_server_sends_does_not_count":
        "what it sends counts as life",
    "test_keep_alive.ServerKeepAlive.test_a_client_s_shorter_one_stays":
        "refuses a max_keepalive below ten seconds",
    "test_keep_alive.ServerKeepAlive.test_the_server_may_set_it":
        "refuses a max_keepalive below ten seconds",
    "test_malformed.Malformed.test_every_truncation_of_a_packet":
        "takes a SUBSCRIBE of 3.1 without a filter",
    "test_malformed.Malformed.test_the_table":
        "overlooks several faults and spares several DISCONNECTs",
    "test_malformed.Malformed.test_the_table_of_5":
        "overlooks several faults and spares several DISCONNECTs",
    "test_malformed.Malformed."
    "test_unknown_acknowledgements_are_no_malformed_packets":
        "PUBREL 0x00 for an unknown identifier",
    "test_packet_size.ClientMaximum.test_a_dropped_message_frees_the_window":
        "a dropped message keeps its place in the window",
    "test_packet_size.ClientMaximum.test_the_limit_is_exact":
        "forgets the first byte when it compares the size",
    "test_properties.EndToEnd.test_faults_in_publish":
        "closes without DISCONNECT",
    "test_properties.RequestResponse."
    "test_response_information_for_those_who_ask":
        "free: has no Response Information",
    "test_qos_in.Inbound.test_a_qos_2_publish_seen_twice_is_routed_once":
        "closes on a repeated PUBLISH [MQTT-4.3.3-10]",
    "test_qos_in.Inbound.test_an_unknown_pubrec_in_5":
        "PUBREL 0x00 for an unknown identifier",
    "test_qos_in.Inbound.test_puback_says_when_nobody_subscribes":
        "no 0x10 in PUBREC",
    "test_qos_in.Inbound.test_pubrel_repeated":
        "PUBCOMP 0x00 for an unknown identifier",
    "test_resume.Resume.test_a_smaller_window_holds_for_the_resent":
        "resends beyond Receive Maximum [MQTT-3.3.4-9]",
    "test_shared.General.test_an_online_member_comes_first":
        "free: absent members take their turns",
    "test_shared.General.test_no_local_is_an_error":
        "takes No Local on a shared subscription [MQTT-3.8.3-4]",
    "test_shared.General.test_no_retained_messages":
        "sends retained messages to a shared subscription (4.8.2)",
    "test_shared.Redistribution."
    "test_a_dead_member_s_messages_go_to_the_others":
        "does not redistribute (SHOULD)",
    "test_shared.Redistribution.test_leaving_in_good_order_is_the_same":
        "does not redistribute (SHOULD)",
    "test_shared.Redistribution.test_what_waits_for_a_dead_member_goes_too":
        "does not redistribute (SHOULD)",
    "test_subscribe.Identifiers.test_all_that_match":
        "free: a copy per subscription",
    "test_subscribe.Identifiers.test_faults":
        "closes without DISCONNECT",
    "test_subscribe.Subscribe.test_overlapping_subscriptions_deliver_once":
        "free: a copy per subscription",
    "test_takeover.Crowd.test_fifty_connects_end_with_one":
        "no DISCONNECT 0x8E when the old session ends too",
    "test_takeover.Takeover.test_a_delayed_will_is_published_by_a_clean_start":
        "drops the delayed will [MQTT-3.1.2-8]",
    "test_takeover.Takeover.test_the_older_connection_ends":
        "no DISCONNECT 0x8E when the old session ends too",
    "test_takeover.Takeover.test_the_session_goes_with_the_client":
        "no DISCONNECT 0x8E",
    "test_takeover.Takeover.test_versions_may_differ":
        "no DISCONNECT 0x8E when the old session ends too",
    "test_topic_alias.NoneIncoming.test_without_a_maximum_no_alias_is_taken":
        "free: always allows ten",
    "test_topics.Filters.test_bad_filters_in_3_x":
        "free: $share means nothing in 3.x",
    "test_topics.Filters.test_bad_filters_in_5":
        "0x81, and takes faulty $share filters [MQTT-4.8.2-1]",
    "test_topics.Names.test_wildcards_in_a_name":
        "free: 0x82",
    "test_will.Will.test_disconnect_with_will_message":
        "only 0x04 publishes the will [MQTT-3.1.2-8]",
    "test_will.Will.test_faulty_will_properties":
        "takes wildcards in a Response Topic [MQTT-3.3.2-14]",
    "test_will_delay.WillDelay.test_a_clean_start_publishes_it":
        "drops the delayed will [MQTT-3.1.2-8]",
    "test_will_delay.WillDelay.test_a_session_that_ends_at_once":
        "waits although the session has ended [MQTT-3.1.2-8]",
    "test_will_delay.WillDelay.test_ending_the_session_by_disconnect":
        "waits although the session has ended [MQTT-3.1.2-8]",
}
